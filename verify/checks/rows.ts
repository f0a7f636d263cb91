import { canonical } from '../../shared/record/canonical.ts';
import { leafHash } from '../../shared/tlog/merkle.ts';
import { columnsOf } from '../../shared/trail/columns.ts';
import type { AuditEntry } from '../../shared/trail/entry.ts';
import { decodeEntry } from '../../shared/trail/entry.ts';
import { placeOf } from '../../shared/trail/place.ts';
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
    'Rows that wait for their place in the log are counted, not compared. And an answer that leaves out rows which the table has: see export.',
  means: 'A row or an index column was edited, deleted or put there by hand.',
  todo: 'The log has the entry as it was: compare. Then look at who could write to the table at that time.',
} as const satisfies About;

/** Entries of a block of the log share a partition of the index over all. */
const BLOCK = 65_536;

type Row = Record<string, unknown>;

/** What the rows are held against: so many entries of the log, and when what is older should have been in it (ms since 1970). */
export interface Against {
  size: number;
  log: LogIndex;
  settledBefore: number;
}

export function judgeRows(folder: Folder, against: Against, ledger: Ledger): void {
  const lines = linesOf(folder, 'rows.jsonl');
  if (lines === null) {
    ledger.absent('rows', 'no rows (rows.jsonl) were given');
    return;
  }
  const judge = new Judge(against, ledger);
  for (const line of lines) {
    const json = jsonOf(line);
    const row = 'fault' in json ? null : (json.value as Row | null);
    const where = `rows.jsonl, line ${line.at}`;
    if (typeof row?.['pk'] !== 'string' || typeof row['sk'] !== 'string')
      ledger.find('rows', where, 'fault' in json ? json.fault : 'is no row');
    else if (/^A#./.test(row['sk'])) judge.entry(row, where);
    else if (/^L#./.test(row['sk'])) judge.item(row, where);
    else ledger.find('rows', where, `is neither an entry nor a log item: ${row['pk']} ${row['sk']}`);
  }
  judge.end();
}

class Judge {
  readonly #size: number;
  readonly #log: LogIndex;
  readonly #settledBefore: number;
  readonly #ledger: Ledger;
  /** Log items as they should be, or as they are where the entry has not come yet, by their key. */
  readonly #expected = new Map<string, { index: number; item: string }>();
  readonly #found = new Map<string, string>();
  readonly #entries: Uint8Array;
  readonly #items: Uint8Array;
  #rows = 0;
  #waiting = 0;

  constructor({ size, log, settledBefore }: Against, ledger: Ledger) {
    this.#size = size;
    this.#log = log;
    this.#settledBefore = settledBefore;
    this.#ledger = ledger;
    this.#entries = new Uint8Array(size);
    this.#items = new Uint8Array(size);
  }

  entry(row: Row, line: string): void {
    this.#rows += 1;
    const fault = this.#entryFault(row);
    if (fault) this.#ledger.find('rows', `row ${row['pk']} ${row['sk']} (${line})`, fault);
  }

  #entryFault({ pk, sk, bytes, ...more }: Row): string | null {
    if (Object.keys(more).length > 0) return `has columns of its own: ${Object.keys(more).join(', ')}`;
    const read = typeof bytes === 'string' ? decodeEntry(bytes) : { reason: 'it has no bytes' };
    if ('reason' in read) return `holds no entry: ${read.reason}`;
    const { entry } = read;
    const { stream, place } = placeOf(entry);
    if (pk !== stream || sk !== `A#${place}`) return `holds the entry of ${stream} ${place}`;
    const index = this.#log.at(entry);
    const key = `${pk}\n${place}`;
    const found = this.#found.get(key);
    this.#found.delete(key);
    if (index === undefined) return this.#waits(entry);
    if (this.#entries[index]) return 'is there twice';
    this.#entries[index] = 1;
    const leaf = this.#log.leafHash(index);
    if (!leaf.equals(leafHash(Buffer.from(String(bytes)))))
      return `has other bytes than entry ${index} of the log`;
    const item = canonical(itemOf(entry, place, index, leaf));
    if (found === undefined) this.#expected.set(key, { index, item });
    else this.#compare(index, item, found);
    return null;
  }

  #waits({ recordedAt }: AuditEntry): string | null {
    this.#waiting += 1;
    return Date.parse(recordedAt) < this.#settledBefore
      ? `was recorded at ${recordedAt} and never came into the log`
      : null;
  }

  item(row: Row, line: string): void {
    this.#rows += 1;
    const key = `${row['pk']}\n${String(row['sk']).slice(2)}`;
    const text = canonicalOf(row);
    const expected = this.#expected.get(key);
    if (text === null) this.#ledger.find('rows', line, 'is no row');
    else if (expected) {
      this.#expected.delete(key);
      this.#compare(expected.index, expected.item, text);
    } else if (this.#found.has(key)) this.#ledger.find('rows', line, 'is there twice');
    else this.#found.set(key, text);
  }

  #compare(index: number, expected: string, found: string): void {
    this.#items[index] = 1;
    if (expected === found) return;
    const [should, is] = [JSON.parse(expected) as Row, JSON.parse(found) as Row];
    const fields = [...new Set([...Object.keys(should), ...Object.keys(is)])].filter(
      (name) => should[name] !== is[name],
    );
    const told = fields.map(
      (name) =>
        `${name} is ${JSON.stringify(is[name]) ?? 'missing'}, should be ${JSON.stringify(should[name]) ?? 'missing'}`,
    );
    this.#ledger.find('rows', `log item of entry ${index}`, told.join('; '));
  }

  end(): void {
    for (const [key, text] of this.#found) {
      // Items beyond the checkpoint are newer than it.
      const index = Number((JSON.parse(text) as Row)['index']);
      if (!(index >= this.#size))
        this.#ledger.find('rows', `log item ${key.replace('\n', ' L#')}`, 'has no row of an entry beside it');
    }
    for (let index = 0; index < this.#size; index += 1) {
      if (!this.#entries[index]) this.#ledger.find('rows', `entry ${index}`, 'has no row in the table');
      else if (!this.#items[index])
        this.#ledger.find('rows', `entry ${index}`, 'has no log item in the table: no query finds it');
    }
    if (this.#waiting > 0)
      this.#ledger.note(
        'rows',
        `${this.#waiting} rows are not in this checkpoint: they are newer, or wait for their place.`,
      );
    this.#ledger.done('rows', { rows: this.#rows, waiting: this.#waiting });
  }
}

/** The log item that an entry has to have: its place and its columns, nothing else. */
function itemOf(entry: AuditEntry, place: string, index: number, leaf: Uint8Array): Row {
  return {
    pk: entry.stream,
    sk: `L#${place}`,
    index: String(index).padStart(16, '0'),
    block: String(Math.floor(index / BLOCK)),
    leaf: Buffer.from(leaf).toString('base64'),
    ...columnsOf(entry),
  };
}

function canonicalOf(row: Row): string | null {
  try {
    return canonical(row);
  } catch {
    return null;
  }
}
