import { emptyRoot, HASH_BYTES, nodeHash, writeLeafHash, writeNodeHash } from './hash.ts';

/** Safe integers have 53 bits: no tree here is deeper. */
const MAX_DEPTH = 53;

/**
 * The roots of the complete subtrees that make up a tree of `size` leaves, largest first: one for each bit
 * of the size. Enough to go on appending and to tell the root. Leaves are hashed into one buffer in place.
 */
export class CompactRange {
  #size = 0;
  #count = 0;
  readonly #hashes = Buffer.alloc((MAX_DEPTH + 1) * HASH_BYTES);

  /** Throws a RangeError where `hashes` cannot be those of a tree of `size` leaves. */
  static restore(size: number, hashes: readonly Uint8Array[]): CompactRange {
    if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`no tree has ${size} leaves`);
    const expected = completeSubtrees(0, size).length;
    if (hashes.length !== expected) {
      throw new RangeError(
        `a tree of ${size} leaves has ${expected} complete subtrees, not ${hashes.length}`,
      );
    }
    const range = new CompactRange();
    for (const hash of hashes) range.#push(hash);
    range.#size = size;
    return range;
  }

  get size(): number {
    return this.#size;
  }

  /** Appends a leaf by its hash. */
  append(leaf: Uint8Array): void {
    this.#push(leaf);
    this.#merge();
  }

  appendAll(leaves: Iterable<Uint8Array>): void {
    for (const leaf of leaves) this.append(leaf);
  }

  /** Appends a leaf by its bytes; quicker than hashing them first. */
  appendBytes(bytes: Uint8Array): void {
    writeLeafHash(bytes, this.#hashes, this.#count * HASH_BYTES);
    this.#count += 1;
    this.#merge();
  }

  root(): Uint8Array {
    return rootOfSubtrees(this.hashes());
  }

  /** Copies of the subtree roots, largest first: what `restore` takes. */
  hashes(): Uint8Array[] {
    return Array.from(
      { length: this.#count },
      (_, at) => new Uint8Array(this.#hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)),
    );
  }

  #push(hash: Uint8Array): void {
    if (hash.length !== HASH_BYTES) throw new RangeError(`a hash has 32 bytes, not ${hash.length}`);
    this.#hashes.set(hash, this.#count * HASH_BYTES);
    this.#count += 1;
  }

  /** Joins the new leaf with every complete subtree of its own size, as adding one carries in binary. */
  #merge(): void {
    for (let size = this.#size; size % 2 === 1; size = (size - 1) / 2) {
      this.#count -= 1;
      const left = (this.#count - 1) * HASH_BYTES;
      writeNodeHash(this.#hashes, left, left);
    }
    this.#size += 1;
  }
}

/** The root of the tree over these leaf hashes. */
export function rootOf(leaves: Iterable<Uint8Array>): Uint8Array {
  const range = new CompactRange();
  range.appendAll(leaves);
  return range.root();
}

/** The complete subtrees that make up leaves `begin` to `end`, largest first; `begin` is aligned to them. */
export function completeSubtrees(begin: number, end: number): { level: number; index: number }[] {
  const subtrees: { level: number; index: number }[] = [];
  let [level, width] = [0, 1];
  while (width * 2 <= end - begin) {
    level += 1;
    width *= 2;
  }
  let at = begin;
  for (; at < end; level -= 1, width /= 2) {
    if (end - at < width) continue;
    subtrees.push({ level, index: at / width });
    at += width;
  }
  return subtrees;
}

/** The root of a tree out of its complete subtrees; the smaller are folded into the larger. */
export function rootOfSubtrees(largestFirst: readonly Uint8Array[]): Uint8Array {
  const last = largestFirst.at(-1);
  if (last === undefined) return emptyRoot();
  return largestFirst.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
}
