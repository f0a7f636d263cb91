import { hash } from 'node:crypto';

/** A sample for testing: the auditor gives both, so that nobody else has a say in what is drawn. */
export interface Sample {
  readonly size: number;
  readonly seed: string;
}

export const MAX_SAMPLE = 10_000;

/** A leaf's lot: SHA-256 of the seed's UTF-8 bytes followed by the 32 bytes of the leaf hash. */
export const lotOf = (seed: string, leaf: Uint8Array): Buffer =>
  hash('sha256', Buffer.concat([Buffer.from(seed), leaf]), 'buffer');

interface Drawn<T> {
  lot: Buffer;
  index: number;
  item: T;
}

/**
 * Draws the leaves with the lowest lots from a population that is streamed through it, in any order. Two leaves with one lot would need
 * a collision of SHA-256; the lower index wins then, which is as little to be chosen as the lot.
 */
export class Draw<T> {
  readonly #seed: string;
  readonly #size: number;
  /** A heap whose first is the highest lot that is drawn so far. */
  readonly #heap: Drawn<T>[] = [];
  #population = 0;

  constructor({ size, seed }: Sample) {
    this.#size = size;
    this.#seed = seed;
  }

  /** How many leaves were offered. */
  get population(): number {
    return this.#population;
  }

  /** Offers a leaf once; what is kept for it is `item`. */
  offer(index: number, leaf: Uint8Array, item: T): void {
    this.#population += 1;
    const drawn = { lot: lotOf(this.#seed, leaf), index, item };
    const [highest] = this.#heap;
    if (this.#heap.length < this.#size) this.#rise(this.#heap.push(drawn) - 1);
    else if (highest && before(drawn, highest)) {
      this.#heap[0] = drawn;
      this.#sink(0);
    }
  }

  /** What was drawn, by index. */
  drawn(): { index: number; item: T }[] {
    return this.#heap
      .map(({ index, item }) => ({ index, item }))
      .sort((one, other) => one.index - other.index);
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfBefore(parent, at)) return;
      at = parent;
    }
  }

  #sink(from: number): void {
    for (let at = from; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const child = this.#isBefore(left, right) ? right : left;
      if (!this.#swapIfBefore(at, child)) return;
      at = child;
    }
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one], this.#heap[other]];
    return a !== undefined && b !== undefined && before(a, b);
  }

  #swapIfBefore(upper: number, lower: number): boolean {
    const [a, b] = [this.#heap[upper], this.#heap[lower]];
    if (!a || !b || !before(a, b)) return false;
    this.#heap[upper] = b;
    this.#heap[lower] = a;
    return true;
  }
}

const before = <T>(one: Drawn<T>, other: Drawn<T>): boolean => {
  const order = Buffer.compare(one.lot, other.lot);
  return order === 0 ? one.index < other.index : order < 0;
};
