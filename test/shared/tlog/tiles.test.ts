import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  consistencyProof,
  inclusionProof,
  leafHash,
  rootAt,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '../../../shared/tlog/merkle.ts';
import { growTiles, type TileBytes } from '../../../shared/tlog/tile-growth.ts';
import {
  edgeTiles,
  entriesPath,
  hashesOf,
  MAX_LOG_SIZE,
  newBundles,
  newTiles,
  parseTilePath,
  placeOf,
  type Tile,
  tileHash,
  tilePath,
  tileReader,
  tileWidth,
} from '../../../shared/tlog/tiles.ts';
import { conformance } from '../../kit/conformance.ts';

const MOST = 1_400;
const leaves = Array.from({ length: MOST }, (_, at) => leafHash(Buffer.from(`leaf ${at}`)));
const anySizes = fc
  .array(fc.nat(MOST), { maxLength: 8 })
  .map((sizes) => [0, ...sizes].sort((one, other) => one - other));

describe('paths', () => {
  test.each([
    [0, 0, 256, 'tile/0/000'],
    [0, 0, 1, 'tile/0/000.p/1'],
    [5, 999, 255, 'tile/5/999.p/255'],
    [1, 1_000, 256, 'tile/1/x001/000'],
    [2, 1_234_067, 256, 'tile/2/x001/x234/067'],
    [0, 123_456_789_012, 7, 'tile/0/x123/x456/x789/012.p/7'],
  ])('tile %d/%d of width %d', (level, n, width, path) => {
    expect(tilePath(level, n, width)).toBe(path);
    expect(parseTilePath(path)).toEqual({ level, n, width });
  });

  test('entries', () => {
    expect(entriesPath(1_234_067)).toBe('tile/entries/x001/x234/067');
    expect(entriesPath(0, 3)).toBe('tile/entries/000.p/3');
    expect(parseTilePath('tile/entries/x001/000.p/3')).toEqual({ level: 'entries', n: 1_000, width: 3 });
  });

  test('what is written is read back', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.nat(5), fc.constant('entries' as const)),
        fc.maxSafeNat(),
        fc.integer({ min: 1, max: 256 }),
        (level, n, width) => {
          const path = level === 'entries' ? entriesPath(n, width) : tilePath(level, n, width);
          expect(parseTilePath(path)).toEqual({ level, n, width });
        },
      ),
    );
  });

  test.each([
    '',
    'tile/0/000 ',
    ' tile/0/000',
    '/tile/0/000',
    'tile/0/000\n',
    'tile/00/000',
    'tile/01/000',
    'tile/6/000',
    'tile/63/000',
    'tile/-1/000',
    'tile/data/000',
    'tile/0/0',
    'tile/0/0000',
    'tile/0/x000/001',
    'tile/0/001/000',
    'tile/0/x001/x000',
    'tile/0/x01/000',
    'tile/0/X001/000',
    'tile/0/x1234/000',
    'tile/0/x999/x999/x999/x999/x999/x999/999',
    'tile/0/000.p/0',
    'tile/0/000.p/01',
    'tile/0/000.p/256',
    'tile/0/000.p/257',
    'tile/0/000.p/',
    'tile/0/000.p',
    'tile/0/000.p/1/',
    'tile/0/000/',
    'tile/0/000.p/-1',
    'tile/0/000.p/1.0',
    'tile/0/../0/000',
    'tile/0/٠٠٠',
  ])('refuses %j', (text) => {
    expect(parseTilePath(text)).toBeNull();
  });

  test('what is no tile has no path', () => {
    for (const path of [
      () => tilePath(6, 0),
      () => tilePath(-1, 0),
      () => tilePath(0, -1),
      () => tilePath(0, 1.5),
      () => tilePath(0, 2 ** 53),
      () => tilePath(0, 0, 0),
      () => entriesPath(0, 257),
    ]) {
      expect(path).toThrow(RangeError);
    }
  });
});

describe('which tiles there are', () => {
  const sample = conformance('tlog/tlog-tiles.json');

  test.skipIf(!sample.present)(`as tlog-tiles says${sample.present ? '' : `: ${sample.notice}`}`, () => {
    if (!sample.present) return;
    const { index, layouts } = JSON.parse(readFileSync(sample.path, 'utf8')) as {
      index: Record<string, string>;
      layouts: Record<string, number>[];
    };
    for (const [n, path] of Object.entries(index)) expect(tilePath(0, Number(n))).toBe(`tile/0/${path}`);
    expect(layouts.length).toBeGreaterThan(0);
    for (const { size = 0, ...layout } of layouts) {
      const tiles = newTiles(0, size);
      for (const level of [0, 1, 2]) {
        const own = tiles.filter((tile) => tile.level === level);
        const full = own.filter(({ width }) => width === 256).length;
        const partial = own.find(({ width }) => width < 256)?.width ?? 0;
        expect([full, partial]).toEqual([layout[`L${level}full`] ?? 0, layout[`L${level}partial`] ?? 0]);
      }
      expect(tiles.every((tile) => tile.level <= 2)).toBe(true);
    }
  });

  test('growing in any steps makes each tile once, the full ones as growing at once does', () => {
    const isFull = ({ width }: Tile) => width === 256;
    const pathsOf = (tiles: Tile[]) => tiles.map(({ level, n, width }) => tilePath(level, n, width)).sort();
    fc.assert(
      fc.property(fc.array(fc.nat(200_000), { minLength: 1, maxLength: 8 }), (sizes) => {
        const steps = [0, ...sizes].sort((one, other) => one - other);
        const tiles = steps.slice(1).flatMap((to, at) => newTiles(steps[at] ?? 0, to));
        const last = steps.at(-1) ?? 0;
        expect(new Set(pathsOf(tiles)).size).toBe(tiles.length);
        expect(pathsOf(tiles.filter(isFull))).toEqual(pathsOf(newTiles(0, last).filter(isFull)));
        // The edge stands, though it may be of an earlier step.
        expect(pathsOf(tiles)).toEqual(expect.arrayContaining(pathsOf(edgeTiles(last))));
      }),
      { numRuns: 50 },
    );
  });

  test('they cover every subtree of every size grown to', () => {
    fc.assert(
      fc.property(anySizes, (sizes) => {
        const paths = new Set<string>();
        for (const [at, to] of sizes.slice(1).entries()) {
          for (const { level, n, width } of newTiles(sizes[at] ?? 0, to))
            paths.add(tilePath(level, n, width));
          for (let level = 0; 2 ** level <= to; level += 1) {
            for (let index = 0; (index + 1) * 2 ** level <= to; index += 1) {
              const { tile, first, span } = placeOf(level, index, to);
              expect(paths.has(tilePath(tile.level, tile.n, tile.width))).toBe(true);
              expect(first + span).toBeLessThanOrEqual(tile.width);
            }
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test('bundles lie as the tiles of level 0 do', () => {
    expect(newBundles(255, 600)).toEqual([
      { n: 0, width: 256 },
      { n: 1, width: 256 },
      { n: 2, width: 88 },
    ]);
    expect(newBundles(600, 600)).toEqual([]);
  });

  test('a width is that of the size, and none beyond it', () => {
    expect(tileWidth(0, 0, 255)).toBe(255);
    expect(tileWidth(0, 0, 256)).toBe(256);
    expect(tileWidth(0, 1, 256)).toBe(0);
    expect(tileWidth(1, 0, 256)).toBe(1);
    expect(tileWidth(0, 3, 256)).toBe(0);
    expect(edgeTiles(70_000)).toEqual([
      { level: 0, n: 273, width: 112 },
      { level: 1, n: 1, width: 17 },
      { level: 2, n: 0, width: 1 },
    ]);
  });

  test('the largest log needs no level above 5', () => {
    expect(edgeTiles.length).toBe(1);
    expect(newTiles(MAX_LOG_SIZE - 1, MAX_LOG_SIZE).every(({ level }) => level <= 5)).toBe(true);
    expect(placeOf(47, 0, MAX_LOG_SIZE).tile).toEqual({ level: 5, n: 0, width: 255 });
    for (const [from, to] of [
      [1, 0],
      [-1, 0],
      [0, MAX_LOG_SIZE + 1],
      [0.5, 1],
    ] as const) {
      expect(() => newTiles(from, to)).toThrow(RangeError);
    }
  });
});

/** Grows a log through these sizes; every tile ever made, by path. */
function grown(sizes: readonly number[]): Map<string, Uint8Array> {
  const stored = new Map<string, Uint8Array>();
  let edge: TileBytes[] = [];
  for (const [at, to] of sizes.slice(1).entries()) {
    const from = sizes[at] ?? 0;
    const growth = growTiles(from, edge, leaves.slice(from, to));
    const listed = growth.tiles.map(({ level, n, width }) => ({ level, n, width }));
    expect(listed).toEqual(newTiles(from, to));
    for (const { level, n, width, bytes } of growth.tiles) stored.set(tilePath(level, n, width), bytes);
    edge = growth.edge;
    expect(edge.map(({ level, n, width }) => ({ level, n, width }))).toEqual(edgeTiles(to));
  }
  return stored;
}

describe('hashes out of tiles', () => {
  test('a log grown in any steps serves roots and proofs of each size', async () => {
    await fc.assert(
      fc.asyncProperty(anySizes, fc.nat(), async (sizes, any) => {
        const stored = grown(sizes);
        const read = (size: number) =>
          tileReader(
            size,
            ({ level, n, width }) => stored.get(tilePath(level, n, width)) ?? new Uint8Array(),
          );
        for (const size2 of sizes) {
          const root2 = rootOf(leaves.slice(0, size2));
          expect(await rootAt(size2, read(size2))).toEqual(root2);
          if (size2 === 0) continue;
          const index = any % size2;
          const proof = await inclusionProof(index, size2, read(size2));
          const leaf = leaves[index] ?? new Uint8Array();
          expect(verifyInclusion({ index, size: size2, leaf, proof, root: root2 })).toBe(true);
          const size1 = index + 1;
          const way = await consistencyProof(size1, size2, read(size2));
          const root1 = rootOf(leaves.slice(0, size1));
          expect(verifyConsistency({ size1, size2, root1, root2, proof: way })).toBe(true);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('each tile is read once', async () => {
    const stored = grown([0, 1_000]);
    const reads: string[] = [];
    const read = tileReader(1_000, async ({ level, n, width }) => {
      const path = tilePath(level, n, width);
      reads.push(path);
      return stored.get(path) ?? new Uint8Array();
    });
    await inclusionProof(700, 1_000, read);
    await inclusionProof(701, 1_000, read);
    expect(reads.sort()).toEqual(['tile/0/002', 'tile/0/003.p/232', 'tile/1/000.p/3']);
  });

  test('a tile of another length than the size asks for is refused', async () => {
    const stored = grown([0, 300]);
    const full = stored.get('tile/0/000') ?? new Uint8Array();
    for (const bytes of [full.subarray(32), full.subarray(1), Buffer.concat([full, full.subarray(0, 32)])]) {
      await expect(
        rootAt(
          300,
          tileReader(300, () => bytes),
        ),
      ).rejects.toThrow(/tile\/\d/);
    }
  });

  test('a subtree that the size does not hold has no place', () => {
    expect(() => placeOf(0, 300, 300)).toThrow(RangeError);
    expect(() => placeOf(8, 1, 300)).toThrow(RangeError);
    expect(() => placeOf(-1, 0, 300)).toThrow(RangeError);
    expect(() => placeOf(0, 0.5, 300)).toThrow(RangeError);
  });

  test('a full tile hashes to a hash of the one above', () => {
    const stored = grown([0, 512]);
    const above = hashesOf(stored.get('tile/1/000.p/2') ?? new Uint8Array());
    expect(above).toEqual([
      tileHash(stored.get('tile/0/000') ?? new Uint8Array()),
      tileHash(stored.get('tile/0/001') ?? new Uint8Array()),
    ]);
    for (const length of [0, 31, 33, 257 * 32]) {
      expect(() => hashesOf(new Uint8Array(length))).toThrow(RangeError);
    }
  });

  test('growing from an edge that is not the size’s is refused', () => {
    const { edge } = growTiles(0, [], leaves.slice(0, 10));
    expect(() => growTiles(11, edge, leaves.slice(11, 12))).toThrow(RangeError);
    expect(() => growTiles(10, [], leaves.slice(10, 12))).toThrow(RangeError);
  });
});
