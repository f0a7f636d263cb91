import { emptyRoot, HASH_BYTES, nodeHash, sameBytes, writeLeafHash, writeNodeHash } from './hash.ts';

export { emptyRoot, HASH_BYTES, leafHash, nodeHash, sameBytes } from './hash.ts';

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

/**
 * Gives the root of a complete subtree: `level` is its height (0 is a leaf), `index` its place among those
 * of the same height. Tiles can serve every one of them.
 */
export type HashReader = (level: number, index: number) => Uint8Array | Promise<Uint8Array>;

/** The proof of RFC 6962, 2.1.1, that leaf `index` is in the tree of `size`, from the leaf up. */
export async function inclusionProof(index: number, size: number, read: HashReader): Promise<Uint8Array[]> {
  if (!isIndex(index) || !isIndex(size) || index >= size) {
    throw new RangeError(`a tree of ${size} leaves has no leaf ${index}`);
  }
  const siblings: Span[] = [];
  let [begin, end] = [0, size];
  while (end - begin > 1) {
    const middle = begin + largestPowerBelow(end - begin);
    if (index < middle) {
      siblings.push([middle, end]);
      end = middle;
    } else {
      siblings.push([begin, middle]);
      begin = middle;
    }
  }
  return hashesOf(siblings.reverse(), read);
}

/**
 * The proof of RFC 6962, 2.1.2, that the tree of `size2` begins with the tree of `size1`. There is none from
 * an empty tree: that throws a RangeError, as a size that is no size does.
 */
export async function consistencyProof(
  size1: number,
  size2: number,
  read: HashReader,
): Promise<Uint8Array[]> {
  if (!isIndex(size1) || !isIndex(size2) || size1 === 0 || size1 > size2) {
    throw new RangeError(`there is no consistency proof from ${size1} to ${size2}`);
  }
  const spans: Span[] = [];
  let [begin, end] = [0, size2];
  while (end > size1) {
    const middle = begin + largestPowerBelow(end - begin);
    if (size1 <= middle) {
      spans.push([middle, end]);
      end = middle;
    } else {
      spans.push([begin, middle]);
      begin = middle;
    }
  }
  // Where the old tree is a subtree of the new one from its beginning, the verifier knows its root already.
  if (begin > 0) spans.push([begin, end]);
  return hashesOf(spans.reverse(), read);
}

/** The root of the tree of `size` leaves, out of its complete subtrees. */
export async function rootAt(size: number, read: HashReader): Promise<Uint8Array> {
  if (!isIndex(size)) throw new RangeError(`no tree has ${size} leaves`);
  return size === 0 ? emptyRoot() : spanHash([0, size], read);
}

/** Half open: from the first leaf to before the last. */
type Span = readonly [begin: number, end: number];

function hashesOf(spans: readonly Span[], read: HashReader): Promise<Uint8Array[]> {
  return Promise.all(spans.map((span) => spanHash(span, read)));
}

async function spanHash([begin, end]: Span, read: HashReader): Promise<Uint8Array> {
  return rootOfSubtrees(
    await Promise.all(completeSubtrees(begin, end).map(({ level, index }) => read(level, index))),
  );
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

function rootOfSubtrees(largestFirst: readonly Uint8Array[]): Uint8Array {
  const last = largestFirst.at(-1);
  if (last === undefined) return emptyRoot();
  return largestFirst.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
}

function largestPowerBelow(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

function isIndex(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

export type Inclusion = {
  index: bigint | number;
  size: bigint | number;
  /** The leaf hash, which the caller makes of the leaf's bytes: never take it from whoever gives the proof. */
  leaf: Uint8Array;
  proof: readonly Uint8Array[];
  root: Uint8Array;
};

/** Whether the proof shows the leaf in the tree of that size and root (RFC 9162, 2.1.3.2). Never throws. */
export function verifyInclusion({ index, size, leaf, proof, root }: Inclusion): boolean {
  if (!isCount(index) || !isCount(size) || !areHashes([leaf, root, ...proof])) return false;
  let place = BigInt(index);
  let last = BigInt(size) - 1n;
  if (place > last) return false;
  let hash = leaf;
  for (const sibling of proof) {
    if (last === 0n) return false;
    if (isOdd(place) || place === last) {
      hash = nodeHash(sibling, hash);
      while (!isOdd(place) && place !== 0n) [place, last] = [place >> 1n, last >> 1n];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [place, last] = [place >> 1n, last >> 1n];
  }
  return last === 0n && sameBytes(hash, root);
}

export type Consistency = {
  size1: bigint | number;
  size2: bigint | number;
  root1: Uint8Array;
  root2: Uint8Array;
  proof: readonly Uint8Array[];
};

/**
 * Whether the proof shows that the second tree begins with the first (RFC 9162, 2.1.4.2). Never throws. An
 * empty first tree is refused: everything begins with nothing, so such a proof says nothing.
 */
export function verifyConsistency({ size1, size2, root1, root2, proof }: Consistency): boolean {
  if (!isCount(size1) || !isCount(size2)) return false;
  const [first, second] = [BigInt(size1), BigInt(size2)];
  if (first === 0n || first > second) return false;
  if (first === second) return proof.length === 0 && sameBytes(root1, root2);
  if (!areHashes([root1, root2, ...proof])) return false;

  let place = first - 1n;
  let last = second - 1n;
  while (isOdd(place)) [place, last] = [place >> 1n, last >> 1n];
  const [start, ...rest] = place === 0n ? [root1, ...proof] : proof;
  if (start === undefined || proof.length === 0) return false;
  let [older, newer] = [start, start];
  for (const sibling of rest) {
    if (last === 0n) return false;
    if (isOdd(place) || place === last) {
      older = nodeHash(sibling, older);
      newer = nodeHash(sibling, newer);
      while (!isOdd(place) && place !== 0n) [place, last] = [place >> 1n, last >> 1n];
    } else {
      newer = nodeHash(newer, sibling);
    }
    [place, last] = [place >> 1n, last >> 1n];
  }
  return last === 0n && sameBytes(older, root1) && sameBytes(newer, root2);
}

function isCount(value: bigint | number): boolean {
  return typeof value === 'bigint' ? value >= 0n : isIndex(value);
}

function isOdd(value: bigint): boolean {
  return (value & 1n) === 1n;
}

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.every((hash) => hash.length === HASH_BYTES);
}
