import { HASH_BYTES, type HashReader, nodeHash, rootOf } from './merkle.ts';

/** A full tile holds 256 hashes: a subtree of height 8. */
export const TILE_WIDTH = 256;
export const TILE_HEIGHT = 8;
/** Levels 0 to 5 serve every log under 2^48 entries. */
export const MAX_TILE_LEVEL = 5;
export const MAX_LOG_SIZE = 2 ** 48 - 1;

/** Tile `n` of a level; `width` hashes are in it, 256 in a full one. */
export type Tile = { level: number; n: number; width: number };
/** What stands at a path of a log: a tile of hashes or a bundle of entries. */
export type TilePath = { level: number | 'entries'; n: number; width: number };

/** `tile/<level>/<n>` of tlog-tiles, with `.p/<width>` behind a partial tile. Throws a RangeError. */
export function tilePath(level: number, n: number, width: number = TILE_WIDTH): string {
  if (!isWithin(level, 0, MAX_TILE_LEVEL)) throw new RangeError(`no tile has level ${level}`);
  return pathOf(`${level}`, n, width);
}

/** `tile/entries/<n>`, with `.p/<width>` behind a partial bundle. Throws a RangeError. */
export function entriesPath(n: number, width: number = TILE_WIDTH): string {
  return pathOf('entries', n, width);
}

function pathOf(level: string, n: number, width: number): string {
  if (!isWithin(n, 0, Number.MAX_SAFE_INTEGER)) throw new RangeError(`no tile has number ${n}`);
  if (!isWithin(width, 1, TILE_WIDTH)) throw new RangeError(`no tile is ${width} wide`);
  const digits = `${n}`;
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').replace(/...(?=.)/g, 'x$&/');
  return `tile/${level}/${groups}${width === TILE_WIDTH ? '' : `.p/${width}`}`;
}

const PATH = /^tile\/(?<level>[0-9]|entries)\/(?<n>(?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/(?<width>[0-9]{1,3}))?$/;

/** Reads a path back; null for every text that `tilePath` and `entriesPath` would not write. */
export function parseTilePath(text: string): TilePath | null {
  const found = PATH.exec(text)?.groups;
  if (found === undefined) return null;
  const level = found['level'] === 'entries' ? 'entries' : Number(found['level']);
  const n = Number((found['n'] ?? '').replace(/[x/]/g, ''));
  const width = found['width'] === undefined ? TILE_WIDTH : Number(found['width']);
  if (typeof level === 'number' && level > MAX_TILE_LEVEL) return null;
  if (!isWithin(n, 0, Number.MAX_SAFE_INTEGER) || !isWithin(width, 1, TILE_WIDTH)) return null;
  return pathOf(`${level}`, n, width) === text ? { level, n, width } : null;
}

/** The tiles, full and partial, that a log of `to` entries has and a log of `from` entries had not. */
export function newTiles(from: number, to: number): Tile[] {
  checkGrowth(from, to);
  const tiles: Tile[] = [];
  let [before, after] = [from, to];
  for (let level = 0; after > before; level += 1) {
    const full = Math.floor(after / TILE_WIDTH);
    for (let n = Math.floor(before / TILE_WIDTH); n < full; n += 1)
      tiles.push({ level, n, width: TILE_WIDTH });
    if (after % TILE_WIDTH > 0) tiles.push({ level, n: full, width: after % TILE_WIDTH });
    [before, after] = [Math.floor(before / TILE_WIDTH), full];
  }
  return tiles;
}

/** The entry bundles that are new with it: they lie as the tiles of level 0 do. */
export function newBundles(from: number, to: number): { n: number; width: number }[] {
  return newTiles(from, to).flatMap(({ level, n, width }) => (level === 0 ? [{ n, width }] : []));
}

/** The partial tiles at the right edge of a log of `size`, lowest level first. */
export function edgeTiles(size: number): Tile[] {
  return newTiles(0, size).filter((tile) => tile.width < TILE_WIDTH);
}

/** The width that tile `n` of a level has in a log of `size`; 0 where the log does not reach it. */
export function tileWidth(level: number, n: number, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level) - n * TILE_WIDTH;
  return Math.max(0, Math.min(TILE_WIDTH, hashes));
}

/** The root over the hashes of a tile; of a full one, it is a hash of the tile above. Throws a RangeError. */
export function tileHash(tile: Uint8Array): Uint8Array {
  return rootOf(hashesOf(tile));
}

/** The hashes of a tile, as views. Throws a RangeError where the bytes are not 1 to 256 hashes. */
export function hashesOf(tile: Uint8Array): Uint8Array[] {
  const width = tile.length / HASH_BYTES;
  if (!isWithin(width, 1, TILE_WIDTH)) throw new RangeError(`${tile.length} bytes are not a tile`);
  return Array.from({ length: width }, (_, at) => hashAt(tile, at));
}

function hashAt(tile: Uint8Array, at: number): Uint8Array {
  return tile.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
}

/** Where the root of a complete subtree is found: `span` hashes of the tile, from `first` on, make it. */
export type Place = { tile: Tile; first: number; span: number };

/** `level` and `index` as in `HashReader`. Throws a RangeError where a log of `size` lacks the subtree. */
export function placeOf(level: number, index: number, size: number): Place {
  const leaves = 2 ** level;
  if (!isWithin(level, 0, 53) || !isWithin(index, 0, size) || (index + 1) * leaves > size) {
    throw new RangeError(`a log of ${size} has no subtree ${index} of height ${level}`);
  }
  const tileLevel = Math.min(Math.floor(level / TILE_HEIGHT), MAX_TILE_LEVEL);
  const span = 2 ** (level - tileLevel * TILE_HEIGHT);
  const n = Math.floor((index * span) / TILE_WIDTH);
  const width = tileWidth(tileLevel, n, size);
  return { tile: { level: tileLevel, n, width }, first: index * span - n * TILE_WIDTH, span };
}

/** The root of the complete subtree over `span` hashes of a tile, from `first` on. */
export function hashInTile(tile: Uint8Array, first: number, span: number): Uint8Array {
  if (span === 1) return Uint8Array.from(hashAt(tile, first));
  return nodeHash(hashInTile(tile, first, span / 2), hashInTile(tile, first + span / 2, span / 2));
}

/**
 * Reads subtree hashes of a log of `size` out of its tiles. Each tile is read once and kept; `read` gives its
 * bytes, and a tile of another length than its width asks for is an Error.
 */
export function tileReader(size: number, read: (tile: Tile) => Uint8Array | Promise<Uint8Array>): HashReader {
  checkGrowth(0, size);
  const tiles = new Map<string, Promise<Uint8Array>>();
  const load = async (path: string, tile: Tile) => {
    const bytes = await read(tile);
    if (bytes.length === tile.width * HASH_BYTES) return bytes;
    throw new Error(`${path} has ${bytes.length} bytes, not ${tile.width * HASH_BYTES}`);
  };
  return async (level, index) => {
    const { tile, first, span } = placeOf(level, index, size);
    const path = tilePath(tile.level, tile.n, tile.width);
    const bytes = tiles.get(path) ?? load(path, tile);
    tiles.set(path, bytes);
    return hashInTile(await bytes, first, span);
  };
}

function checkGrowth(from: number, to: number): void {
  if (!isWithin(from, 0, MAX_LOG_SIZE) || !isWithin(to, from, MAX_LOG_SIZE)) {
    throw new RangeError(`no log grows from ${from} to ${to}`);
  }
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most;
}
