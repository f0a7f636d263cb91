import { canonical } from '../../shared/record/canonical.ts';
import { leafHash } from '../../shared/tlog/merkle.ts';
import { columnsOf } from '../../shared/trail/columns.ts';
import { type AuditEntry, decodeEntry } from '../../shared/trail/entry.ts';
import { placeOf } from '../../shared/trail/place.ts';
import { type Attributes, readRow, type TrailRow } from '../../shared/trail/rows.ts';
import type { About } from '../about.ts';
import type { Folder } from '../folder/folder.ts';
import { jsonOf, linesOf } from '../folder/lines.ts';
import type { Ledger } from '../ledger.ts';
import type { LogIndex } from '../pass/log-index.ts';

export const about = {
  name: 'rows',
  proves:
    'The table from which questions are answered is the log: every entry has its row and its log item, no other is there, the bytes are those of the leaf, and every indexed column follows from them. A query over it can hide nothing.',
  cannot:
    'An answer that leaves out rows which the table has (see export), and rows that nobody listed since no index and no entry names them.',
  means: 'A row or an index column was edited, deleted or put there by hand.',
  todo: 'The log has the entry as it was: compare. Then look at who could write to the table at that time.',
} as const satisfies About;

/** What the rows are held against. */
export interface Against {
  /** So many entries of the log were read. */
  size: number;
  log: LogIndex;
  /** Milliseconds since 1970: what was recorded before should have its place by now. */
  settledBefore: number;
}

export function judgeRows(folder: Folder, against: Against, ledger: Ledger): void {
  const lines = linesOf(folder, 'rows.jsonl');
  if (lines === null) {
    ledger.absent('rows', 'no rows (rows.jsonl) were given');
    return;
  }
  const judge = new Judge(against);
  for (const line of lines) {
    const json = jsonOf(line);
    const row = 'fault' in json ? undefined : readRow(json.value);
    const unread = 'fault' in json ? json.fault : 'is no row of the trail';
    const fault = row ? judge.faultOf(row) : unread;
    if (fault)
      ledger.find('rows', `rows.jsonl, line ${line.at}${row ? ` (${row.key.pk} ${row.key.sk})` : ''}`, fault);
  }
  for (const index of judge.missing())
    ledger.find('rows', `entry ${index}`, 'has no row in the table, or no index shows it');
  const { rows, waiting } = judge;
  if (waiting > 0)
    ledger.note(
      'rows',
      `${waiting} rows are not in this checkpoint: they are newer, or wait for their place.`,
    );
  ledger.done('rows', { rows, waiting });
}

class Judge {
  readonly #against: Against;
  readonly #seen: Uint8Array;
  rows = 0;
  waiting = 0;

  constructor(against: Against) {
    this.#against = against;
    this.#seen = new Uint8Array(against.size);
  }

  faultOf({ index, key, bytes, others, item, evidence }: TrailRow): string | null {
    const { log, size } = this.#against;
    this.rows += 1;
    if (bytes === null) return 'is gone: the entry has no row in the table, or one without bytes';
    const read = decodeEntry(bytes);
    if ('reason' in read) return `holds no entry: ${read.reason}`;
    const { stream, place } = placeOf(read.entry);
    if (key.pk !== stream || key.sk !== `A#${place}`) return `holds the entry of ${stream} A#${place}`;
    const extra = Object.keys(others);
    if (extra.length > 0) return `has columns of its own: ${extra.join(', ')}`;
    const at = log.at(read.entry);
    if (at === undefined || at >= size) return this.#waits(read.entry, index, item);
    if (this.#seen[at]) return 'is there twice';
    this.#seen[at] = 1;
    const leaf = log.leafHash(at);
    if (!leaf.equals(leafHash(Buffer.from(bytes)))) return `has other bytes than entry ${at} of the log`;
    if (item === null) return `has no log item in the table: no query finds entry ${at}`;
    if (index !== at) return `says it is entry ${index}, and is entry ${at}`;
    const lost = (read.entry.evidence ?? []).filter((hash) => !evidence?.includes(hash));
    if (lost.length > 0) return `is not found under the evidence ${lost.join(', ')}`;
    return difference(itemOf(read.entry, place, at, leaf), item);
  }

  #waits({ recordedAt }: AuditEntry, index: number | null, item: Attributes | null): string | null {
    this.waiting += 1;
    if (index !== null && index < this.#against.size) return `says it is entry ${index}, which is another`;
    if ((index === null) !== (item === null)) return 'has a log item without a place';
    return index === null && Date.parse(recordedAt) < this.#against.settledBefore
      ? `was recorded at ${recordedAt} and never came into the log`
      : null;
  }

  *missing(): Iterable<number> {
    for (const [index, seen] of this.#seen.entries()) if (!seen) yield index;
  }
}

/** Entries of a block of the log share a partition of the index over all. */
const BLOCK = 65_536;

/** The log item that an entry has to have, as DynamoDB writes it: its place and its columns, nothing else. */
function itemOf(entry: AuditEntry, place: string, index: number, leaf: Uint8Array): Attributes {
  const texts = {
    pk: entry.stream,
    sk: `L#${place}`,
    index: String(index).padStart(16, '0'),
    block: String(Math.floor(index / BLOCK)),
    ...columnsOf(entry),
  };
  const attributes = Object.entries(texts).map(([name, value]): [string, Attributes[string]] => [
    name,
    { S: value },
  ]);
  return { ...Object.fromEntries(attributes), leaf: { B: Buffer.from(leaf).toString('base64') } };
}

function difference(expected: Attributes, found: Attributes): string | null {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])];
  const told = names.flatMap((name) => {
    const [should, is] = [expected[name], found[name]].map((value) =>
      value === undefined ? 'nothing' : textOf(value),
    );
    return should === is ? [] : [`column ${name} is ${is}, its entry gives ${should}`];
  });
  return told.length > 0 ? told.join('; ') : null;
}

function textOf(value: unknown): string {
  try {
    return canonical(value);
  } catch {
    return 'no JSON value';
  }
}
