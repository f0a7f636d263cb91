import { HASH_BYTES } from './merkle.ts';
import { TILE_WIDTH, type Tile, tileHash } from './tiles.ts';

export type TileBytes = Tile & { bytes: Uint8Array };

/**
 * Lets a log of `size` grow by leaf hashes. `edge` holds the bytes of its partial tiles (`edgeTiles`). What
 * comes out are the tiles that are new, full and partial, as `newTiles` lists them, and the next edge.
 */
export function growTiles(
  size: number,
  edge: readonly TileBytes[],
  leaves: readonly Uint8Array[],
): { tiles: TileBytes[]; edge: TileBytes[] } {
  const tiles: TileBytes[] = [];
  let hashes = leaves;
  let before = size;
  for (let level = 0; hashes.length > 0; level += 1) {
    const grown = growLevel(level, before, partialOf(edge, level, before), hashes);
    tiles.push(...grown);
    hashes = grown.filter((tile) => tile.width === TILE_WIDTH).map((tile) => tileHash(tile.bytes));
    before = Math.floor(before / TILE_WIDTH);
  }
  const touched = new Set(tiles.map((tile) => tile.level));
  const kept = edge.filter((tile) => !touched.has(tile.level));
  const partial = tiles.filter((tile) => tile.width < TILE_WIDTH);
  return { tiles, edge: [...partial, ...kept].sort((one, other) => one.level - other.level) };
}

function growLevel(
  level: number,
  before: number,
  partial: Uint8Array,
  hashes: readonly Uint8Array[],
): TileBytes[] {
  const bytes = Buffer.concat([partial, ...hashes]);
  const first = Math.floor(before / TILE_WIDTH);
  const tileBytes = TILE_WIDTH * HASH_BYTES;
  return Array.from({ length: Math.ceil(bytes.length / tileBytes) }, (_, at) => {
    const own = Uint8Array.from(bytes.subarray(at * tileBytes, (at + 1) * tileBytes));
    return { level, n: first + at, width: own.length / HASH_BYTES, bytes: own };
  });
}

/** Throws a RangeError where the edge lacks the partial tile that a level of `hashes` hashes ends with. */
function partialOf(edge: readonly TileBytes[], level: number, hashes: number): Uint8Array {
  const width = hashes % TILE_WIDTH;
  const bytes = edge.find((tile) => tile.level === level)?.bytes ?? new Uint8Array();
  if (bytes.length === width * HASH_BYTES) return bytes;
  throw new RangeError(`the edge of level ${level} has ${bytes.length} bytes, not ${width * HASH_BYTES}`);
}
