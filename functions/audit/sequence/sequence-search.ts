import type { LogBatches } from '../../../shared/store/log-batches.ts';
import type { Head } from '../../../shared/store/log-head.ts';
import type { LogObjects } from '../../../shared/store/log-objects.ts';
import { HASH_BYTES, sameBytes } from '../../../shared/tlog/merkle.ts';
import { TILE_WIDTH, tilePath, tileWidth } from '../../../shared/tlog/tiles.ts';

/** The leaf hash at an index of a log of `size`, as its tile has it; null where there is none. */
export async function hashAt(
  index: number,
  size: number,
  objects: Pick<LogObjects, 'get'>,
): Promise<Uint8Array | null> {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return null;
  const n = Math.floor(index / TILE_WIDTH);
  const tile = await objects.get(tilePath(0, n, tileWidth(0, n, size)));
  const at = (index % TILE_WIDTH) * HASH_BYTES;
  return tile ? tile.subarray(at, at + HASH_BYTES) : null;
}

/** The index of an entry in the log, looked for where one of its time can be; null where it is not there. */
export async function findLeaf(
  leaf: Uint8Array,
  recordedAt: string,
  { size, maxDelayMs }: Pick<Head, 'size' | 'maxDelayMs'>,
  { batches, objects }: { batches: Pick<LogBatches, 'indexAt'>; objects: Pick<LogObjects, 'get'> },
): Promise<number | null> {
  const last = new Date(Date.parse(recordedAt) + maxDelayMs + 1).toISOString();
  const [from, to] = await Promise.all([batches.indexAt(recordedAt), batches.indexAt(last)]);
  if (from === null) return null;
  const end = Math.min(size, to ?? size);
  for (let n = Math.floor(from / TILE_WIDTH); n * TILE_WIDTH < end; n += 1) {
    const tile = await objects.get(tilePath(0, n, tileWidth(0, n, size)));
    for (let at = 0; tile && at < tile.length; at += HASH_BYTES)
      if (sameBytes(tile.subarray(at, at + HASH_BYTES), leaf)) return n * TILE_WIDTH + at / HASH_BYTES;
  }
  return null;
}
