import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Draw, lotOf } from '../../../shared/trail/sample.ts';

const leaf = (n: number): Buffer => createHash('sha256').update(`leaf ${n}`).digest();

/** The definition, without a heap. */
const lowest = (seed: string, size: number, leaves: Buffer[]): number[] =>
  leaves
    .map((hash, index) => ({
      index,
      lot: createHash('sha256').update(seed, 'utf8').update(hash).digest('hex'),
    }))
    .sort((a, b) => (a.lot < b.lot ? -1 : 1))
    .slice(0, size)
    .map(({ index }) => index)
    .sort((a, b) => a - b);

describe('a sample', () => {
  it('has the lowest lots of the population, whatever the order of the stream', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, unit: 'grapheme' }),
        fc.integer({ min: 1, max: 40 }),
        fc.shuffledSubarray(
          Array.from({ length: 60 }, (_, n) => n),
          { minLength: 60 },
        ),
        (seed, size, order) => {
          const draw = new Draw<number>({ seed, size });
          for (const n of order) draw.offer(n, leaf(n), n * 10);
          const leaves = Array.from({ length: 60 }, (_, n) => leaf(n));
          expect(draw.population).toBe(60);
          expect(draw.drawn()).toEqual(
            lowest(seed, size, leaves).map((index) => ({ index, item: index * 10 })),
          );
        },
      ),
    );
  });

  it('is the whole of a population that is smaller', () => {
    const draw = new Draw({ seed: 's', size: 5 });
    for (const n of [2, 0, 1]) draw.offer(n, leaf(n), n);
    expect(draw.drawn().map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(new Draw({ seed: 's', size: 5 }).drawn()).toEqual([]);
  });

  it('can be repeated by others: the lot is a plain SHA-256', () => {
    expect(lotOf('2026-Q4', Buffer.alloc(32)).toString('hex')).toBe(
      createHash('sha256').update('2026-Q4').update(Buffer.alloc(32)).digest('hex'),
    );
  });
});
