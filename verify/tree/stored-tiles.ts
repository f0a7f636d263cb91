import { encodeBundle } from '../../shared/tlog/bundle.ts';
import { HASH_BYTES } from '../../shared/tlog/hash.ts';
import {
  entriesPath,
  MAX_TILE_LEVEL,
  parseTilePath,
  TILE_WIDTH,
  type TilePath,
  tilePath,
  tileWidth,
} from '../../shared/tlog/tiles.ts';
import { type Folder, Unreadable } from '../folder/folder.ts';
import { MAX_BUNDLE_BYTES } from './bundles.ts';
import type { TileFault } from './rebuild.ts';

/** A listing is not trusted for what there is, only for what there is too much of. */
const MAX_LISTED = 4_000_000;

/** Compares the tiles of hashes that a folder holds with those that the leaves give. */
export class StoredTiles {
  readonly #folder: Folder;
  readonly #size: number;
  /** Partial tiles that are stored beside what the size asks for, by level and number. */
  readonly #partial: Map<string, number[]>;
  readonly faults: TileFault[] = [];
  compared = 0;
  /** Files beyond the signed size, which nothing here speaks for. */
  beyond = 0;

  constructor(folder: Folder, size: number) {
    this.#folder = folder;
    this.#size = size;
    this.#partial = this.#list();
  }

  /** One tile as the leaves give it. Those that are there have to be its beginning, byte for byte. */
  compare(level: number, n: number, width: number, bytes: Buffer): void {
    if (level > MAX_TILE_LEVEL) return;
    const stored = [width, ...(this.#partial.get(`${level}/${n}`) ?? [])];
    for (const own of new Set(stored)) this.#compareOne(level, n, own, width, bytes);
  }

  /** Smaller bundles that are stored beside one: each has to be its beginning. `bytes` is what the bundle holds. */
  compareBundles(n: number, entries: readonly Uint8Array[]): void {
    for (const width of this.#partial.get(`entries/${n}`) ?? []) {
      const path = entriesPath(n, width);
      const found = this.#read(path, MAX_BUNDLE_BYTES);
      this.compared += 1;
      if (found !== null && Buffer.compare(found, encodeBundle(entries.slice(0, width))) !== 0)
        this.#fault(path, 'differs from the bundle that it became');
    }
  }

  #compareOne(level: number, n: number, stored: number, width: number, bytes: Buffer): void {
    const path = tilePath(level, n, stored);
    const found = this.#read(path);
    const whole = found === null && stored < TILE_WIDTH ? this.#read(tilePath(level, n)) : null;
    if (found === null && whole === null) {
      if (stored === width) this.#fault(path, 'is not there, though the signed size says that it has to be');
      return;
    }
    this.compared += 1;
    const length = Math.min(stored, width) * HASH_BYTES;
    // Of a tile that is fuller than the signed size, its beginning is all that can be said.
    const bytesFound = found ?? whole?.subarray(0, length) ?? new Uint8Array();
    if (stored <= width && bytesFound.length !== length)
      this.#fault(
        path,
        `has ${bytesFound.length > length ? 'bytes after its end' : `${bytesFound.length} bytes, not ${length}`}`,
      );
    else if (Buffer.compare(bytesFound.subarray(0, length), bytes.subarray(0, length)) !== 0)
      this.#fault(
        path,
        `differs from what the ${level === 0 ? 'entries' : 'tiles below it'} give, first at hash ${firstDifference(bytesFound, bytes)}`,
      );
  }

  #read(path: string, most = TILE_WIDTH * HASH_BYTES): Uint8Array | null {
    try {
      return this.#folder.read(path, most);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.#fault(path, error.message.slice(error.path.length + 2));
      return null;
    }
  }

  #fault(where: string, what: string): void {
    this.faults.push({ where, what });
  }

  #list(): Map<string, number[]> {
    const partial = new Map<string, number[]>();
    const levels = this.#names('tile');
    const waiting = levels.map((level) => `tile/${level}`);
    for (let looked = 0; waiting.length > 0 && looked < MAX_LISTED; looked += 1) {
      const path = waiting.pop() ?? '';
      const isFolder = /^tile\/[^/]+$|\/x\d{3}$|\.p$/.test(path);
      if (isFolder) {
        for (const name of this.#names(path)) waiting.push(`${path}/${name}`);
        continue;
      }
      const tile = parseTilePath(path);
      if (tile === null) this.#fault(path, 'is no tile');
      else this.#note(partial, tile.level, tile.n, tile.width);
    }
    return partial;
  }

  #note(partial: Map<string, number[]>, level: TilePath['level'], n: number, width: number): void {
    const wanted = tileWidth(level === 'entries' ? 0 : level, n, this.#size);
    if (width > wanted) this.beyond += 1;
    else if (width < wanted) partial.set(`${level}/${n}`, [...(partial.get(`${level}/${n}`) ?? []), width]);
  }

  #names(path: string): string[] {
    try {
      return this.#folder.names(path);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.#fault(path, error.message.slice(error.path.length + 2));
      return [];
    }
  }
}

function firstDifference(one: Uint8Array, other: Uint8Array): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return Math.floor(at / HASH_BYTES);
}
