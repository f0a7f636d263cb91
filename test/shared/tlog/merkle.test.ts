import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CompactRange,
  consistencyProof,
  emptyRoot,
  type HashReader,
  inclusionProof,
  leafHash,
  nodeHash,
  rootAt,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '../../../shared/tlog/merkle.ts';

const MOST = 700;
const leaves = Array.from({ length: MOST }, (_, at) => leafHash(Buffer.from(`leaf ${at}`)));

/** MTH as RFC 6962, 2.1 writes it: slow, and nothing of the code under test but the node's hash. */
function slowRoot(from: number, to: number): Buffer {
  if (to - from === 1) return Buffer.from(leaves[from] ?? []);
  let k = 1;
  while (k * 2 < to - from) k *= 2;
  const input = [Buffer.of(1), slowRoot(from, from + k), slowRoot(from + k, to)];
  return createHash('sha256').update(Buffer.concat(input)).digest();
}

const read: HashReader = (level, index) =>
  new Uint8Array(slowRoot(index * 2 ** level, (index + 1) * 2 ** level));
const root = (size: number) => rootOf(leaves.slice(0, size));
const leafAt = (index: number) => leaves[index] ?? new Uint8Array();

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = Math.floor(bit / 8) % copy.length;
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit % 8));
  return copy;
}

function replaced<T>(list: readonly T[], at: number, by: (item: T) => T): T[] {
  return list.map((item, place) => (place === at % list.length ? by(item) : item));
}

const anyLeaf = fc
  .integer({ min: 1, max: MOST })
  .chain((size) => fc.record({ size: fc.constant(size), index: fc.nat(size - 1) }));
const anyTwoSizes = fc
  .integer({ min: 1, max: MOST })
  .chain((size2) => fc.record({ size2: fc.constant(size2), size1: fc.integer({ min: 1, max: size2 }) }));

describe('roots', () => {
  test('a root is what RFC 6962 says', () => {
    for (const size of [1, 2, 3, 5, 6, 7, 8, 255, 256, 257, 513, MOST]) {
      expect(Buffer.from(root(size))).toEqual(slowRoot(0, size));
    }
    expect(rootOf([])).toEqual(emptyRoot());
  });

  test('a root is told out of complete subtrees', async () => {
    for (const size of [0, 1, 7, 256, 699]) expect(await rootAt(size, read)).toEqual(root(size));
  });

  test('a leaf longer than any before is hashed whole', () => {
    const long = Buffer.alloc(70_000, 7);
    const range = new CompactRange();
    range.appendBytes(long);
    const expected = createHash('sha256')
      .update(Buffer.concat([Buffer.of(0), long]))
      .digest();
    expect(Buffer.from(range.root())).toEqual(expected);
  });

  test('a node is made of hashes only', () => {
    expect(() => nodeHash(new Uint8Array(31), new Uint8Array(32))).toThrow(RangeError);
    expect(() => new CompactRange().append(new Uint8Array(33))).toThrow(RangeError);
  });
});

describe('compact range', () => {
  test('stored anywhere and restored, it goes on to the same root', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(MOST), { maxLength: 6 }), fc.nat(MOST), (stops, size) => {
        let range = new CompactRange();
        for (let at = 0; at < size; at += 1) {
          if (stops.includes(at)) range = CompactRange.restore(range.size, range.hashes());
          range.append(leafAt(at));
        }
        expect(range.size).toBe(size);
        expect(range.root()).toEqual(root(size));
      }),
      { numRuns: 50 },
    );
  });

  test('what it gave to store does not change as it grows', () => {
    const range = new CompactRange();
    range.appendAll(leaves.slice(0, 3));
    const stored = range.hashes();
    range.appendAll(leaves.slice(3, 9));
    expect(CompactRange.restore(3, stored).root()).toEqual(root(3));
  });

  test.each([
    [0, 1],
    [1, 0],
    [2, 2],
    [3, 1],
    [3, 3],
    [-1, 0],
    [1.5, 1],
    [2 ** 53, 1],
  ])('restoring %d leaves from %d hashes throws', (size, count) => {
    expect(() => CompactRange.restore(size, leaves.slice(0, count))).toThrow(RangeError);
  });

  test('restoring from what is no hash throws', () => {
    expect(() => CompactRange.restore(1, [new Uint8Array(31)])).toThrow(RangeError);
  });
});

describe('inclusion', () => {
  test('every leaf of every small tree is proven, by one shape of proof only', async () => {
    for (let size = 1; size <= 33; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const proof = await inclusionProof(index, size, read);
        const claim = { index, size, leaf: leafAt(index), proof, root: root(size) };
        expect(verifyInclusion(claim)).toBe(true);
        for (let other = 0; other < size + 2; other += 1) {
          if (other !== index) expect(verifyInclusion({ ...claim, index: other })).toBe(false);
        }
      }
    }
  });

  test('a proof verifies, and nothing near it does', async () => {
    await fc.assert(
      fc.asyncProperty(anyLeaf, fc.nat(), fc.nat(255), async ({ index, size }, at, bit) => {
        const proof = await inclusionProof(index, size, read);
        const claim = { index, size, leaf: leafAt(index), proof, root: root(size) };
        expect(verifyInclusion(claim)).toBe(true);
        expect(verifyInclusion({ ...claim, index: BigInt(index), size: BigInt(size) })).toBe(true);
        const wrong = [
          { ...claim, index: index + 1 },
          { ...claim, index: index - 1 },
          { ...claim, leaf: flipped(claim.leaf, bit) },
          { ...claim, root: flipped(claim.root, bit) },
          { ...claim, proof: [...proof, leafAt(0)] },
          { ...claim, proof: [leafAt(0), ...proof] },
          { ...claim, size: 0 },
          { ...claim, size: Number.NaN },
          { ...claim, index: 0.5 },
        ];
        if (proof.length > 0) {
          wrong.push({ ...claim, proof: replaced(proof, at, (hash) => flipped(hash, bit)) });
          wrong.push({ ...claim, proof: replaced(proof, at, (hash) => hash.subarray(1)) });
          wrong.push({ ...claim, proof: proof.slice(1) }, { ...claim, proof: proof.slice(0, -1) });
        }
        for (const each of wrong) expect(verifyInclusion(each)).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  test('a size next to the signed one fails with its own root', async () => {
    await fc.assert(
      fc.asyncProperty(anyLeaf, async ({ index, size }) => {
        const proof = await inclusionProof(index, size, read);
        const claim = { index, leaf: leafAt(index), proof };
        if (size < MOST)
          expect(verifyInclusion({ ...claim, size: size + 1, root: root(size + 1) })).toBe(false);
        if (size > 1) expect(verifyInclusion({ ...claim, size: size - 1, root: root(size - 1) })).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  test('a node given as a leaf fails', async () => {
    const proof = await inclusionProof(4, 8, read);
    const [left, right] = [leafAt(4), leafAt(5)];
    const node = nodeHash(left, right);
    const claim = { size: 8, root: root(8) };
    expect(verifyInclusion({ ...claim, index: 4, leaf: leafAt(4), proof })).toBe(true);
    // The node stands on the way to the root, but no leaf of this size has a way as short.
    for (let index = 0; index < 8; index += 1) {
      expect(verifyInclusion({ ...claim, index, leaf: node, proof: proof.slice(1) })).toBe(false);
    }
    // Nor does its preimage as a leaf's bytes: leaves and nodes are hashed apart.
    const preimage = Buffer.concat([Buffer.of(1), left, right]);
    for (const bytes of [preimage, preimage.subarray(1)]) {
      expect(Buffer.from(leafHash(bytes))).not.toEqual(Buffer.from(node));
      expect(
        verifyInclusion({ ...claim, size: 4, index: 2, leaf: leafHash(bytes), proof: proof.slice(1) }),
      ).toBe(false);
    }
  });

  test.each([
    [0, 0],
    [5, 5],
    [-1, 3],
    [0.5, 3],
  ])('there is no proof of leaf %d of %d', async (index, size) => {
    await expect(inclusionProof(index, size, read)).rejects.toThrow(RangeError);
  });
});

describe('consistency', () => {
  test('every small tree begins with every smaller one', async () => {
    for (let size2 = 1; size2 <= 33; size2 += 1) {
      for (let size1 = 1; size1 <= size2; size1 += 1) {
        const proof = await consistencyProof(size1, size2, read);
        expect(verifyConsistency({ size1, size2, root1: root(size1), root2: root(size2), proof })).toBe(true);
      }
    }
  });

  test('a proof verifies, and nothing near it does', async () => {
    await fc.assert(
      fc.asyncProperty(anyTwoSizes, fc.nat(), fc.nat(255), async ({ size1, size2 }, at, bit) => {
        const proof = await consistencyProof(size1, size2, read);
        const claim = { size1, size2, root1: root(size1), root2: root(size2), proof };
        expect(verifyConsistency(claim)).toBe(true);
        const wrong = [
          { ...claim, root1: flipped(claim.root1, bit) },
          { ...claim, root2: flipped(claim.root2, bit) },
          { ...claim, proof: [...proof, leafAt(0)] },
          { ...claim, proof: [leafAt(0), ...proof] },
          { ...claim, size1: 0 },
          { ...claim, size1: size2 + 1 },
          { ...claim, size1: size1 + 1 },
          { ...claim, size1: size1 - 1 },
          { ...claim, size1: -1 },
        ];
        if (proof.length > 0) {
          wrong.push({ ...claim, proof: replaced(proof, at, (hash) => flipped(hash, bit)) });
          wrong.push({ ...claim, proof: replaced(proof, at, (hash) => hash.subarray(1)) });
          wrong.push({ ...claim, proof: proof.slice(1) }, { ...claim, proof: proof.slice(0, -1) });
          wrong.push({ ...claim, proof: [] }, { ...claim, root1: claim.root2, root2: claim.root1 });
        }
        for (const each of wrong) expect(verifyConsistency(each)).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  test('a size next to the signed one fails with its own root', async () => {
    await fc.assert(
      fc.asyncProperty(anyTwoSizes, async ({ size1, size2 }) => {
        const proof = await consistencyProof(size1, size2, read);
        const claim = { size1, size2, root1: root(size1), root2: root(size2), proof };
        for (const near of [size2 - 1, size2 + 1]) {
          if (near < 1 || near > MOST) continue;
          expect(verifyConsistency({ ...claim, size2: near, root2: root(near) })).toBe(false);
        }
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    [0, 0],
    [0, 5],
    [6, 5],
    [1, 2 ** 60],
  ])('there is no proof from %d to %d', async (size1, size2) => {
    await expect(consistencyProof(size1, size2, read)).rejects.toThrow(RangeError);
  });

  test('sizes beyond 32 bits shift as they should', async () => {
    // A tree of 2^40 + 3 equal leaves: each level has one hash.
    const levels = [leafAt(0)];
    for (let level = 0; level < 40; level += 1) {
      const below = levels[level] ?? new Uint8Array();
      levels.push(nodeHash(below, below));
    }
    const same: HashReader = (level) => levels[level] ?? new Uint8Array();
    const size = 2 ** 40 + 3;
    const big = await rootAt(size, same);
    const proof = await inclusionProof(2 ** 33 + 1, size, same);
    expect(verifyInclusion({ index: 2 ** 33 + 1, size, leaf: leafAt(0), proof, root: big })).toBe(true);
    expect(verifyInclusion({ index: 2 ** 40 + 1, size, leaf: leafAt(0), proof, root: big })).toBe(false);
    const size1 = 2 ** 35 + 7;
    const older = await rootAt(size1, same);
    const way = await consistencyProof(size1, size, same);
    expect(verifyConsistency({ size1, size2: size, root1: older, root2: big, proof: way })).toBe(true);
  });
});
