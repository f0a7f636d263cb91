import type { LogObjects } from '../../../shared/store/log-objects.ts';
import { decodeBundle } from '../../../shared/tlog/bundle.ts';
import { leafHash, sameBytes } from '../../../shared/tlog/merkle.ts';
import { entriesPath, TILE_WIDTH, tileWidth } from '../../../shared/tlog/tiles.ts';
import type { Trail } from './view.ts';

/** Reads entries out of the bundles of a log: undefined where the bundle is gone, or has something else at the index. */
export const publishedEntry =
  (objects: Pick<LogObjects, 'get'>): Trail['published'] =>
  async ({ index, leaf }, size) => {
    const n = Math.floor(index / TILE_WIDTH);
    const width = tileWidth(0, n, size);
    if (width === 0) return undefined;
    const bundle = await objects.get(entriesPath(n, width));
    const read = bundle && decodeBundle(bundle, width);
    const entry = read?.ok ? read.entries[index % TILE_WIDTH] : undefined;
    return entry && sameBytes(leafHash(entry), leaf) ? Buffer.from(entry).toString() : undefined;
  };
