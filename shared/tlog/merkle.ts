import { completeSubtrees, rootOfSubtrees } from './compact-range.ts';
import { emptyRoot, HASH_BYTES, nodeHash, sameBytes } from './hash.ts';

export { CompactRange, rootOf } from './compact-range.ts';
export { emptyRoot, HASH_BYTES, leafHash, nodeHash, sameBytes } from './hash.ts';

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
