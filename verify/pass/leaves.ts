import { TILE_WIDTH } from '../../shared/tlog/tiles.ts';
import type { Folder } from '../folder/folder.ts';
import { readBundle } from '../tree/bundles.ts';
import { Leaf } from './leaf.ts';
import { readLeaf } from './read-leaf.ts';

const KEPT = 16;

/** Entries by their index, read again when they are asked for: some bundles are kept, since what is asked lies close together. */
export class Leaves {
  readonly #folder: Folder;
  readonly #size: number;
  readonly #bundles = new Map<number, Uint8Array[]>();

  constructor(folder: Folder, size: number) {
    this.#folder = folder;
    this.#size = size;
  }

  at(index: number): Leaf | null {
    if (index >= this.#size) return null;
    const n = Math.floor(index / TILE_WIDTH);
    const bytes = this.#bundle(n)[index - n * TILE_WIDTH];
    const leaf = bytes && readLeaf(index, bytes);
    return leaf instanceof Leaf ? leaf : null;
  }

  #bundle(n: number): Uint8Array[] {
    const kept = this.#bundles.get(n);
    if (kept) return kept;
    const read = readBundle(this.#folder, n, this.#size);
    const entries = 'fault' in read ? [] : read.entries;
    const [oldest] = this.#bundles.keys();
    if (this.#bundles.size >= KEPT && oldest !== undefined) this.#bundles.delete(oldest);
    this.#bundles.set(n, entries);
    return entries;
  }
}
