import type { AuditEntry } from '../../shared/trail/entry.ts';
import type { About } from '../about.ts';
import { digestOf } from '../folder/digest.ts';
import type { Folder } from '../folder/folder.ts';
import { jsonOf, linesOf } from '../folder/lines.ts';
import type { Ledger } from '../ledger.ts';
import type { Leaf, Visitor } from '../pass/leaf.ts';
import type { LogIndex } from '../pass/log-index.ts';

export const about = {
  name: 'manifests',
  proves:
    'On each day the system counted its own streams and put the count into the log; every stream of each count is in the log, up to the record and with the hash that was counted: the trail is complete against that denominator.',
  cannot:
    'That a count was honest when it was made: a record that was kept out of both, the count and the trail, from the beginning, shows only where somebody kept a receipt (records).',
  means: 'The trail lacks something that the system had counted, or a count was changed or left out.',
  todo: 'Ask for the records of the named stream: what the count names existed at that time.',
} as const satisfies About;

interface Counted {
  index: number;
  recordedAt: number;
  summary: NonNullable<AuditEntry['manifest']>;
}

/**
 * The first run of a day counts, each hour of a running system; days on which it did not run are made up for. So a count is missing only
 * once the system has run for longer than this after the day.
 */
const GRACE_MS = 26 * 3_600_000;
/** Streams are walked before the log is looked at: what was recorded within so much may have been missed by the walk. */
const COUNTING_MS = 15 * 60_000;
const DAY = /^\d{4}-\d\d-\d\d$/;
const HASH = /^[0-9a-f]{64}$/;

/** Collects the counts that are in the log, and the days on which anything is. */
export class Manifests implements Visitor {
  readonly #counted: Counted[] = [];
  /** When something was first recorded on each day. */
  readonly #days = new Map<string, number>();
  /** Milliseconds since 1970: when the newest entry was recorded. */
  newest = 0;

  visit(leaf: Leaf): void {
    const { index, glance, recordedAt } = leaf;
    if (recordedAt > this.newest) this.newest = recordedAt;
    const summary = leaf.isPlain ? undefined : leaf.entry.manifest;
    if (summary) this.#counted.push({ index, recordedAt, summary });
    else {
      const day = glance.recordedAt.slice(0, 10);
      if (recordedAt < (this.#days.get(day) ?? Number.POSITIVE_INFINITY)) this.#days.set(day, recordedAt);
    }
  }

  judge(folder: Folder, against: Against, ledger: Ledger): void {
    const files = folder.names('manifests');
    this.#judgeDays(ledger);
    this.#judgeOrder(ledger);
    if (files.length === 0) {
      const some = this.#counted.length > 0;
      ledger.absent(
        'manifests',
        some
          ? 'the files of the counts (manifests/) were not given'
          : 'no count of the streams is in the log yet',
      );
      return;
    }
    const named = new Set(this.#counted.map(({ summary }) => summary.day));
    for (const file of files)
      if (!named.has(file))
        ledger.find('manifests', `manifests/${file}`, 'no entry of the log names this file');
    let heads = 0;
    for (const counted of this.#counted) heads += judgeOne(folder, counted, against, ledger);
    ledger.done('manifests', { days: this.#counted.length, heads });
  }

  /** Every day on which something was recorded has to have its count. */
  #judgeDays(ledger: Ledger): void {
    const counted = new Set(this.#counted.map(({ summary }) => summary.day));
    const newestCount = [...counted].reduce((one, other) => (one < other ? other : one), '');
    const days = [...this.#days].sort(([one], [other]) => (one < other ? -1 : 1));
    for (const [at, [day]] of days.entries()) {
      const next = days[at + 1]?.[1];
      const isDue = day < newestCount || (next !== undefined && next + GRACE_MS < this.newest);
      if (isDue && !counted.has(day))
        ledger.find('manifests', day, 'was never counted, though something was recorded on it');
    }
  }

  #judgeOrder(ledger: Ledger): void {
    for (const [at, { index, summary }] of this.#counted.entries()) {
      const before = this.#counted[at - 1];
      if (before && before.summary.day >= summary.day)
        ledger.find('manifests', `entry ${index}`, `counts ${summary.day} behind ${before.summary.day}`);
      if (summary.logSize > index)
        ledger.find('manifests', `entry ${index}`, `knows a log of ${summary.logSize} entries`);
    }
  }
}

/** What the counts are held against. */
export interface Against {
  log: LogIndex;
  /** Milliseconds: within so much, what was counted has to be in the trail. */
  mergeDelay: number;
  /** Milliseconds since 1970: what was counted after this may still be on its way into the log. */
  settledBefore: number;
}

/** @returns how many heads were looked at. */
function judgeOne(
  folder: Folder,
  { index, recordedAt, summary }: Counted,
  { log, mergeDelay, settledBefore }: Against,
  ledger: Ledger,
): number {
  const { day, streams, records, sha256: expected } = summary;
  const path = `manifests/${day}`;
  const find = (where: string, what: string) => ledger.find('manifests', where, what);
  if (!DAY.test(day)) {
    find(`entry ${index}`, 'names no day');
    return 0;
  }
  const found = digestOf(folder, path);
  const lines = linesOf(folder, path);
  if (found === null || lines === null) {
    find(path, `is not there, though entry ${index} names it`);
    return 0;
  }
  if (found.sha256 !== expected) find(path, `is not the file that entry ${index} names`);
  const named = new Map<string, number>();
  let [heads, counted, waiting, before] = [0, 0, 0, ''];
  for (const line of lines) {
    const head = headOf(jsonOf(line));
    if (!head) {
      find(`${path}, line ${line.at}`, 'is not ["stream", sequence, "hash"]');
      continue;
    }
    const [stream, sequence, hash] = head;
    if (stream <= before) find(`${path}, line ${line.at}`, 'is not in the order of streams, or there twice');
    before = stream;
    named.set(stream, sequence);
    heads += 1;
    counted += sequence;
    const at = log.indexOf(stream, sequence);
    const where = `${stream}/${sequence}, counted on ${day}`;
    if (at === undefined && recordedAt >= settledBefore) {
      waiting += 1;
      continue;
    }
    if (at === undefined)
      find(where, `is not in the log: it has ${log.lengthOf(stream)} entries of this stream`);
    else if (log.recordHash(at) !== hash)
      find(where, `has the hash ${log.recordHash(at)} in the log, ${hash} was counted`);
    else if (log.recordedAt(at) - recordedAt > mergeDelay)
      find(where, 'came into the trail only long after it was counted');
  }
  if (heads !== streams || counted !== records)
    find(path, `holds ${heads} streams with ${counted} records, its entry says ${streams} and ${records}`);
  for (const stream of log.streams()) {
    const known = log.isOfRecords(stream)
      ? log.lengthBefore(stream, summary.logSize, recordedAt - COUNTING_MS)
      : 0;
    if (known > (named.get(stream) ?? 0))
      find(
        path,
        `knows ${named.get(stream) ?? 'nothing'} of ${stream}, of which the log had ${known} entries then`,
      );
  }
  if (waiting > 0)
    ledger.note(
      'manifests',
      `${waiting} records that ${day} counted were on their way into the log when the checkpoint was made.`,
    );
  return heads;
}

function headOf(json: ReturnType<typeof jsonOf>): [string, number, string] | null {
  if ('fault' in json || !Array.isArray(json.value) || json.value.length !== 3) return null;
  const [stream, sequence, hash] = json.value as unknown[];
  return typeof stream === 'string' &&
    Number.isSafeInteger(sequence) &&
    Number(sequence) >= 1 &&
    typeof hash === 'string' &&
    HASH.test(hash)
    ? [stream, Number(sequence), hash]
    : null;
}
