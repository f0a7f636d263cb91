import type { LogObjects } from '../../../shared/store/log-objects.ts';
import type { Range } from '../../../shared/store/log-plan.ts';
import { decodeBundle } from '../../../shared/tlog/bundle.ts';
import { entriesPath, TILE_WIDTH, tileWidth } from '../../../shared/tlog/tiles.ts';
import type { Order } from '../../../shared/trail/query.ts';
import { ahead } from './export-ahead.ts';

/** The objects of the log, by their paths. */
export type LogFiles = Pick<LogObjects, 'get'>;

export interface LeafOf {
  index: number;
  bytes: Uint8Array;
}

/** At most 4 MB each. */
const BUNDLES_AHEAD = 8;

/**
 * The leaves of a log of `size` in a range, bundle by bundle, from the locked objects themselves: no index can hide one. `skip`: how
 * many were gone through before, in that order.
 * @throws Error where a bundle is not there, or is not as long as the size says.
 */
export async function* leavesOf(
  files: LogFiles,
  size: number,
  { lo, hi }: Range,
  order: Order,
  skip = 0,
): AsyncGenerator<LeafOf[]> {
  const [first, end] = order === 'asc' ? [lo + skip, hi] : [lo, hi - skip];
  if (first >= end) return;
  const least = Math.floor(first / TILE_WIDTH);
  const count = Math.ceil(end / TILE_WIDTH) - least;
  const numbers = Array.from({ length: count }, (_, n) =>
    order === 'asc' ? least + n : least + count - 1 - n,
  );
  const bundles = ahead(numbers, BUNDLES_AHEAD, async (n) => {
    const width = tileWidth(0, n, size);
    const path = entriesPath(n, width);
    const bundle = decodeBundle(await objectAt(files, path), width);
    if (!bundle.ok) throw new Error(`${path}: ${bundle.reason}`);
    return { n, entries: bundle.entries };
  });
  for await (const { n, entries } of bundles) {
    const leaves = entries
      .map((bytes, at) => ({ index: n * TILE_WIDTH + at, bytes }))
      .filter(({ index }) => index >= first && index < end);
    yield order === 'asc' ? leaves : leaves.reverse();
  }
}

/** @throws Error where it is not there. */
export async function objectAt(files: LogFiles, path: string): Promise<Uint8Array> {
  const bytes = await files.get(path);
  if (!bytes) throw new Error(`the log lacks ${path}`);
  return bytes;
}
