import { entriesPath, MAX_TILE_LEVEL, TILE_WIDTH, tilePath } from '../../shared/tlog/tiles.ts';

/** The paths of all tiles of a log, one after the other: a size is told by a stranger, and may be any. */
export function* tilePaths(size: number): Iterable<string> {
  for (let level = 0; level <= MAX_TILE_LEVEL; level += 1) {
    const hashes = Math.floor(size / TILE_WIDTH ** level);
    for (let n = 0; n * TILE_WIDTH < hashes; n += 1)
      yield tilePath(level, n, Math.min(TILE_WIDTH, hashes - n * TILE_WIDTH));
  }
}

export function* bundlePaths(size: number): Iterable<string> {
  for (let n = 0; n * TILE_WIDTH < size; n += 1)
    yield entriesPath(n, Math.min(TILE_WIDTH, size - n * TILE_WIDTH));
}
