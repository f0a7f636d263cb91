import * as z from 'zod/mini';
import { isCanonical, sha256 } from '../../shared/record/canonical.ts';
import { type EventRecord, type Hashed, textHash, textHashes } from '../../shared/record/event-record.ts';
import { leafHash } from '../../shared/tlog/merkle.ts';
import { encodeEntry } from '../../shared/trail/entry.ts';
import { entryOf } from '../../shared/trail/of-record.ts';
import type { About } from '../about.ts';
import type { Folder } from '../folder/folder.ts';
import { jsonOf, linesOf } from '../folder/lines.ts';
import type { Ledger } from '../ledger.ts';
import type { Erasures } from '../pass/erasures.ts';
import type { LogIndex } from '../pass/log-index.ts';

export const about = {
  name: 'records',
  proves:
    'Every record has its entry and every entry its record; the record gives the entry again, byte for byte, and its texts are those that were hashed. A text that is gone was redacted: one person asked for it and another approved, both in the log.',
  cannot:
    'Streams of which no record was given: a mirror of the public part has those of commitments. And that what a record says is true.',
  means:
    'A record was changed, or something happened without a trace in the trail, or the trail tells of something that did not happen.',
  todo: 'Compare record and entry: the entry is what was signed for. A text that is gone without an approval was removed by somebody who may not.',
} as const satisfies About;

const RECORD = z.strictObject({
  stream: z.string(),
  sequence: z.int().check(z.gte(1)),
  bytes: z.string(),
  hash: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  texts: z.record(z.string(), z.tuple([z.string(), z.string()])),
});

const HASHED = z.strictObject({
  v: z.literal(1),
  stream: z.string(),
  sequence: z.int(),
  type: z.string(),
  time: z.string(),
  previousHash: z.nullable(z.string()),
  actor: z.object({}),
  action: z.string(),
  command: z.string(),
  correlation: z.string(),
  data: z.unknown(),
});

/** What the records are held against. */
export interface Against {
  log: LogIndex;
  erasures: Erasures;
  /** Milliseconds since 1970: what is older than this, and has no entry, should have had one by the newest checkpoint. */
  settledBefore: number;
}

/** Reads `records.jsonl` and shows each record that proves itself to `each`; false where there is no such file. */
export function judgeRecords(
  folder: Folder,
  against: Against,
  ledger: Ledger,
  each: (record: EventRecord) => void,
): boolean {
  const lines = linesOf(folder, 'records.jsonl');
  if (lines === null) {
    ledger.absent('records', 'no records (records.jsonl) were given');
    return false;
  }
  const judge = new Judge(against, ledger);
  for (const line of lines) {
    const json = jsonOf(line);
    const read = 'fault' in json ? null : RECORD.safeParse(json.value);
    if (!read?.success) {
      ledger.find(
        'records',
        `records.jsonl, line ${line.at}`,
        'fault' in json ? json.fault : 'is not {stream, sequence, bytes, hash, texts}',
      );
      continue;
    }
    const record = read.data as EventRecord;
    if (judge.one(record)) each(record);
  }
  judge.end();
  return true;
}

class Judge {
  readonly #against: Against;
  readonly #ledger: Ledger;
  readonly #heads = new Map<string, { sequence: number; hash: string }>();
  readonly #kinds = new Set<string>();
  #records = 0;
  #waiting = 0;
  #redacted = 0;

  constructor(against: Against, ledger: Ledger) {
    this.#against = against;
    this.#ledger = ledger;
  }

  one(record: EventRecord): boolean {
    const { stream, sequence } = record;
    this.#records += 1;
    this.#kinds.add(kindOf(stream));
    const find = (what: string) => this.#ledger.find('records', `record ${stream}/${sequence}`, what);
    const hashed = proven(record);
    if (typeof hashed === 'string') {
      find(hashed);
      return false;
    }
    const before = this.#heads.get(stream);
    this.#heads.set(stream, { sequence, hash: record.hash });
    if (sequence !== (before?.sequence ?? 0) + 1)
      find(
        `is not behind record ${before?.sequence ?? 0} of its stream: records are missing, or out of order`,
      );
    else if (hashed.previousHash !== (before?.hash ?? null))
      find('does not follow from the record before it');
    this.#compare(record, hashed, find);
    this.#judgeTexts(record, hashed, find);
    return true;
  }

  #compare(record: EventRecord, hashed: Hashed, find: (what: string) => void): void {
    const { log, settledBefore } = this.#against;
    const index = log.indexOf(record.stream, record.sequence);
    if (index === undefined) {
      const time = Date.parse(hashed.time);
      if (!(time < settledBefore)) this.#waiting += 1;
      else find(`of ${hashed.time} has no entry in the log`);
    } else if (log.recordHash(index) !== record.hash)
      find(`is not the one of entry ${index}, which names ${log.recordHash(index)}`);
    else if (!log.leafHash(index).equals(leafOf(record, log.recordedAt(index))))
      find(`gives another entry than entry ${index}`);
  }

  #judgeTexts({ stream, sequence, texts }: EventRecord, hashed: Hashed, find: (what: string) => void): void {
    const hashes = textHashes(hashed);
    for (const [path, hash] of hashes) {
      const [text, salt] = texts[path] ?? [];
      if (text === undefined || salt === undefined) {
        this.#redacted += 1;
        if (!this.#against.erasures.isApproved(stream, sequence, path))
          find(`lacks its text ${path}, and no approved erasure of it is in the log`);
      } else if (!isSalt(salt) || textHash(text, salt) !== hash)
        find(`has another text ${path} than was hashed`);
    }
    for (const path of Object.keys(texts))
      if (!hashes.has(path)) find(`has a text ${path} that was never hashed`);
  }

  end(): void {
    const { log } = this.#against;
    this.#kinds.add('cmt_');
    const notGiven = new Set<string>();
    for (const stream of log.streams()) {
      const entries = log.lengthOf(stream);
      if (!log.isOfRecords(stream)) continue;
      const records = this.#heads.get(stream)?.sequence ?? 0;
      if (records === 0 && !this.#kinds.has(kindOf(stream))) notGiven.add(kindOf(stream));
      else if (records < entries)
        this.#ledger.find(
          'records',
          `stream ${stream}`,
          `has ${entries} entries in the log and ${records} records`,
        );
    }
    if (notGiven.size > 0)
      this.#ledger.note(
        'records',
        `No records were given of streams whose names begin with ${[...notGiven].sort().join(' or ')}`,
      );
    if (this.#redacted > 0)
      this.#ledger.note(
        'records',
        `${this.#redacted} ${this.#redacted === 1 ? 'text is' : 'texts are'} redacted.`,
      );
    if (this.#waiting > 0)
      this.#ledger.note(
        'records',
        `${this.#waiting} records are newer than the checkpoint and wait for their place.`,
      );
    this.#ledger.done('records', {
      records: this.#records,
      redacted: this.#redacted,
      waiting: this.#waiting,
    });
  }
}

/** What a record says, if it is what was hashed and names its own place; else what is wrong. */
function proven({ stream, sequence, bytes, hash }: EventRecord): Hashed | string {
  if (sha256(bytes) !== hash) return 'has other bytes than were hashed';
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes);
  } catch {
    return 'holds no JSON';
  }
  if (!isCanonical(parsed, bytes)) return 'is not written in the RFC 8785 form';
  if (!HASHED.safeParse(parsed).success) return 'does not hold what a record holds';
  const hashed = parsed as Hashed;
  return hashed.stream === stream && hashed.sequence === sequence
    ? hashed
    : 'names another place than its own';
}

function leafOf(record: EventRecord, recordedAt: number): Uint8Array {
  try {
    return leafHash(Buffer.from(encodeEntry(entryOf(record, new Date(recordedAt).toISOString()))));
  } catch {
    return new Uint8Array();
  }
}

/** Base64url has loose bits at its end: only what it would be written as is one. */
const isSalt = (salt: string): boolean => Buffer.from(salt, 'base64url').toString('base64url') === salt;

/** Streams of one kind begin alike: `cmt_`, `rsp_`, `refusals.`. */
const kindOf = (stream: string): string => /^[A-Za-z]+[._]/.exec(stream)?.[0] ?? stream;
