import { describe, expect, it } from 'vitest';
import { interleave, percentile, ratios, spread } from '../../bench/spread.ts';

describe('percentiles', () => {
  it.each([
    [50, 3],
    [99, 5],
    [0, 1],
    [100, 5],
    [20, 1],
    [21, 2],
  ])('p%i of five is by nearest rank', (p, value) => {
    expect(percentile([5, 3, 1, 4, 2], p)).toBe(value);
  });

  it('leaves the series as it was', () => {
    const values = [10, 9, 2];
    expect(spread(values)).toEqual({ min: 2, median: 9, max: 10 });
    expect(values).toEqual([10, 9, 2]);
  });

  it('refuses to sum up nothing', () => {
    expect(() => spread([])).toThrow(RangeError);
  });
});

describe('ratios', () => {
  it('divides round by round', () => {
    expect(ratios([10, 30], [5, 10])).toEqual([2, 3]);
  });

  it('refuses series of different rounds', () => {
    expect(() => ratios([1, 2], [1])).toThrow(RangeError);
  });
});

it('interleaves: each variant once a round, one at a time', async () => {
  const order: string[] = [];
  let running = 0;
  const variant = (name: string) => async () => {
    expect(running++).toBe(0);
    await Promise.resolve();
    running--;
    return order.push(name);
  };
  const found = await interleave(4, { a: variant('a'), b: variant('b'), c: variant('c') });
  for (let round = 0; round < 4; round++)
    expect(order.slice(round * 3, round * 3 + 3).sort()).toEqual(['a', 'b', 'c']);
  expect(found.a).toHaveLength(4);
});
