import type { Learned, Position } from '../../../shared/store/export-job.ts';
import type { Range } from '../../../shared/store/log-plan.ts';
import { leafHash } from '../../../shared/tlog/hash.ts';
import type { AuditEntry } from '../../../shared/trail/entry.ts';
import { matches, type TrailQuery } from '../../../shared/trail/query.ts';
import { Draw } from '../../../shared/trail/sample.ts';
import { type LeafOf, type LogFiles, leavesOf } from './export-leaves.ts';

/** An entry that the query asks for. */
export interface Row {
  index: number;
  entry: AuditEntry;
  bytes: string;
}

export interface Rows {
  rows: Row[];
  /** Where to go on: how many leaves were gone through, or of a sample how many rows were given; null while it is drawn. */
  after: Position | null;
  progress: number;
  learned: Learned;
}

/** What an export asks of which log. */
export interface Asked {
  query: TrailQuery;
  size: number;
  /** Where everything stands that can match. */
  range: Range;
}

/** Everything that the query asks for in a log of that size, in its order, some at a time. */
export const rowsOf = (
  files: LogFiles,
  asked: Asked,
  position: Position | null,
  learned: Learned,
): AsyncGenerator<Rows> =>
  asked.query.sample
    ? drawnRows(files, asked, Number(position?.[0] ?? 0))
    : matchingRows(files, asked, Number(position?.[0] ?? 0), learned);

async function* matchingRows(
  files: LogFiles,
  { query, size, range }: Asked,
  skip: number,
  before: Learned,
): AsyncGenerator<Rows> {
  let gone = skip;
  let learned = { population: 0, ...before };
  for await (const leaves of leavesOf(files, size, range, query.order, skip)) {
    gone += leaves.length;
    const rows = matching(leaves, query);
    learned = grown(learned, rows);
    yield { rows, after: [gone], progress: gone / (range.hi - range.lo), learned };
  }
}

const SOME = 256;

/** A sample is drawn in one go, since the lots that are kept would be more to carry over than to draw again. */
async function* drawnRows(
  files: LogFiles,
  { query, size, range }: Asked,
  given: number,
): AsyncGenerator<Rows> {
  if (!query.sample) return;
  const draw = new Draw<Row>(query.sample);
  let gone = 0;
  for await (const leaves of leavesOf(files, size, range, 'asc')) {
    gone += leaves.length;
    const bytesAt = new Map(leaves.map(({ index, bytes }) => [index, bytes]));
    for (const row of matching(leaves, query))
      draw.offer(row.index, leafHash(bytesAt.get(row.index) ?? new Uint8Array()), row);
    yield { rows: [], after: null, progress: (0.9 * gone) / (range.hi - range.lo), learned: {} };
  }
  const drawn = draw.drawn();
  const indices = drawn.map(({ index }) => index);
  const sorted = query.order === 'asc' ? drawn : drawn.reverse();
  const learned = {
    ...grown(
      { population: 0 },
      sorted.map(({ item }) => item),
    ),
    population: draw.population,
    indices,
  };
  for (let at = given; at < sorted.length; at += SOME) {
    const rows = sorted.slice(at, at + SOME).map(({ item }) => item);
    yield { rows, after: [at + rows.length], progress: 0.9 + (0.1 * at) / sorted.length, learned };
  }
  if (sorted.length === 0) yield { rows: [], after: [0], progress: 1, learned };
}

function grown(before: Learned & { population: number }, rows: readonly Row[]) {
  const [first, last] = [rows[0], rows.at(-1)];
  return {
    ...before,
    population: before.population + rows.length,
    ...(first && last && { firstIndex: before.firstIndex ?? first.index, lastIndex: last.index }),
  };
}

function matching(leaves: readonly LeafOf[], query: TrailQuery): Row[] {
  const rows: Row[] = [];
  for (const { index, bytes } of leaves) {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
    // Leniently: an entry that should not be as it is has to come out too, for the verifier to say so.
    const entry = JSON.parse(text) as AuditEntry;
    if (matches(query, entry)) rows.push({ index, entry, bytes: text });
  }
  return rows;
}
