import { isUtf8 } from 'node:buffer';
import { leafHash } from '../../shared/tlog/merkle.ts';
import { formatVerifierKey } from '../../shared/tlog/verifier-key.ts';
import { columnsOf } from '../../shared/trail/columns.ts';
import { type ExportManifest, readExportManifest } from '../../shared/trail/export-manifest.ts';
import { conditionsOf, holds, queryDigest } from '../../shared/trail/query.ts';
import { Draw } from '../../shared/trail/sample.ts';
import type { About } from '../about.ts';
import { digestOf } from '../folder/digest.ts';
import type { Folder } from '../folder/folder.ts';
import { type Line, linesOf } from '../folder/lines.ts';
import type { Ledger } from '../ledger.ts';
import type { Leaf, Visitor } from '../pass/leaf.ts';
import type { Leaves } from '../pass/leaves.ts';
import type { Rebuilt } from '../tree/rebuild.ts';
import { openSigned } from './checkpoint-signature.ts';
import { csvRecords } from './csv.ts';
import { csvFault, jsonFault } from './exported-row.ts';
import type { Trust } from './key.ts';

export const about = {
  name: 'export',
  proves:
    'The export is the whole answer to its query: asked again of the log at its checkpoint, the query gives the same rows in the same order, the same counts and the same sample, field by field.',
  cannot:
    'The rows of a Parquet file, of which the hash is checked and the count (export JSON Lines or CSV to have them compared); and who asked, when and with which release: nobody signed that.',
  means:
    'Rows were taken out of the export, put into it or changed, or it answers another question than it says.',
  todo: 'Export again at the same checkpoint. If the export was altered on its way, its SHA-256 differs from the one in the trail.',
} as const satisfies About;

const MAX_MANIFEST_BYTES = 64 << 20;

/** Reads `export/manifest.json`; null where there is none, or it is none. */
export function readExport(folder: Folder, ledger: Ledger): ExportManifest | null {
  const bytes = folder.read('export/manifest.json', MAX_MANIFEST_BYTES);
  if (bytes === null) {
    ledger.absent('export', 'no export (export/manifest.json) was given');
    return null;
  }
  const find = (what: string) => ledger.find('export', 'export/manifest.json', what);
  const text = isUtf8(bytes) ? Buffer.from(bytes).toString() : '';
  const read = readExportManifest(text);
  if ('reason' in read) {
    find(read.reason);
    return null;
  }
  if (`${JSON.stringify(JSON.parse(text), null, 2)}\n` !== text) find('is not in its plain form');
  return read.manifest;
}

/** Asks the query again while the log goes by. */
export class Export implements Visitor {
  readonly #manifest: ExportManifest;
  readonly #conditions: ReturnType<typeof conditionsOf>;
  readonly #draw: Draw<null> | null;
  #matching: number[] = [];

  constructor(manifest: ExportManifest) {
    this.#manifest = manifest;
    this.#conditions = conditionsOf(manifest.query);
    this.#draw = manifest.query.sample ? new Draw<null>(manifest.query.sample) : null;
  }

  visit(leaf: Leaf): void {
    if (leaf.index >= this.#manifest.checkpoint.size) return;
    if (!holds(this.#conditions, columnsOf(leaf.entry))) return;
    if (this.#draw) this.#draw.offer(leaf.index, leafHash(leaf.bytes), null);
    else this.#matching.push(leaf.index);
  }

  judge(folder: Folder, trust: Trust, leaves: Leaves, rebuilt: Rebuilt, ledger: Ledger): void {
    const { query, order, counts, firstIndex, lastIndex, sample } = this.#manifest;
    const find = (what: string) => ledger.find('export', 'export/manifest.json', what);
    judgeCheckpoint(this.#manifest, trust, rebuilt, ledger);
    const drawn = this.#draw?.drawn().map(({ index }) => index);
    const ascending = drawn ?? this.#matching;
    const population = this.#draw?.population ?? ascending.length;
    const rows = query.order === 'asc' ? ascending : ascending.toReversed();
    if (queryDigest(query) !== this.#manifest.queryDigest) find('names another digest than its query has');
    if (order !== query.order) find('names another order than its query');
    if (counts.population !== population)
      find(`counts ${counts.population} entries that match, the log has ${population}`);
    if (counts.rows !== rows.length) find(`counts ${counts.rows} rows, the query gives ${rows.length}`);
    if (firstIndex !== (rows[0] ?? null) || lastIndex !== (rows.at(-1) ?? null))
      find(
        `names ${firstIndex} and ${lastIndex} as first and last row, the query gives ${rows[0] ?? null} and ${rows.at(-1) ?? null}`,
      );
    const told = drawn && query.sample && { ...query.sample, population, indices: drawn };
    if (!sameSample(sample, told)) find('names another sample than its seed draws');
    const compared = judgeFiles(folder, this.#manifest, rows, leaves, ledger);
    ledger.done('export', { rows: rows.length, population, compared });
  }
}

function sameSample(one: ExportManifest['sample'], other: ExportManifest['sample']): boolean {
  if (!one || !other) return one === other;
  return (
    one.seed === other.seed &&
    one.size === other.size &&
    one.population === other.population &&
    one.indices.join() === other.indices.join()
  );
}

function judgeCheckpoint(
  { checkpoint }: ExportManifest,
  trust: Trust,
  rebuilt: Rebuilt,
  ledger: Ledger,
): void {
  const where = 'export/manifest.json';
  const { name, algorithm, publicKey } = trust.log;
  if (checkpoint.key !== formatVerifierKey(name, algorithm, publicKey))
    ledger.find('export', where, 'names another key than the log’s');
  const signed = openSigned(checkpoint.note, trust, where, ledger, 'export');
  if (!signed) return;
  const { size, root } = signed.checkpoint;
  if (size !== checkpoint.size)
    ledger.find('export', where, `was asked at size ${checkpoint.size}, its checkpoint has ${size}`);
  const found = rebuilt.roots.get(size);
  if (found === undefined)
    ledger.find('export', where, `was asked at size ${size}, of which the log here has only ${rebuilt.size}`);
  else if (found !== Buffer.from(root).toString('hex'))
    ledger.find(
      'export',
      where,
      'was asked of another history: its checkpoint has another root at this size',
    );
}

/** @returns how many rows were compared. */
function judgeFiles(
  folder: Folder,
  { files }: ExportManifest,
  rows: readonly number[],
  leaves: Leaves,
  ledger: Ledger,
): number {
  let compared = 0;
  if (files.length === 0) ledger.find('export', 'export/manifest.json', 'names no file');
  for (const { name, bytes, sha256: expected } of files) {
    const reader = READERS[name];
    const path = `export/${name}`;
    const find = (what: string) => ledger.find('export', path.slice(0, 200), what);
    if (reader === undefined) {
      find('is no file of an export');
      continue;
    }
    const digest = digestOf(folder, path);
    if (digest === null) {
      find('is not there');
      continue;
    }
    if (digest.bytes !== bytes) find(`has ${digest.bytes} bytes, not ${bytes}`);
    if (digest.sha256 !== expected) find('has another SHA-256 than its manifest says');
    if (reader === null) ledger.note('export', `The rows in ${name} were not compared: only its hash was.`);
    else
      compared += reader(linesOf(folder, path) ?? [], rows, leaves, (row, what) =>
        ledger.find('export', `${path}, row ${row}`, what),
      );
  }
  return compared;
}

type Reader = (
  lines: Iterable<Line>,
  rows: readonly number[],
  leaves: Leaves,
  find: (row: number, what: string) => void,
) => number;

/** Files by their name; null where the rows are not read. Only these names are ever opened. */
const READERS: Record<string, Reader | null> = {
  'entries.jsonl': (lines, rows, leaves, find) => compareRows(lines, rows, leaves, find, jsonFault),
  'entries.csv': (lines, rows, leaves, find) => {
    const records = csvRecords(lines)[Symbol.iterator]();
    const header = records.next();
    const columns = header.done || 'fault' in header.value ? [] : header.value.cells;
    if (columns.length === 0) find(0, 'has no header');
    return compareRows({ [Symbol.iterator]: () => records }, rows, leaves, find, (record, leaf) =>
      csvFault(record, columns, leaf),
    );
  },
  'entries.parquet': null,
};

function compareRows<T>(
  given: Iterable<T>,
  rows: readonly number[],
  leaves: Leaves,
  find: (row: number, what: string) => void,
  faultOf: (row: T, leaf: Leaf) => string | null,
): number {
  let at = 0;
  for (const row of given) {
    const index = rows[at];
    at += 1;
    if (index === undefined) {
      find(at, 'is one more than the query gives');
      break;
    }
    const leaf = leaves.at(index);
    const fault = leaf ? faultOf(row, leaf) : `should be entry ${index}, which can not be read`;
    if (fault) find(at, fault);
  }
  if (at < rows.length)
    find(at + 1, `is missing: the query gives ${rows.length} rows, next entry ${rows[at]}`);
  return Math.min(at, rows.length);
}
