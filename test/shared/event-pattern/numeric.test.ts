import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { onValue, pointers } from './verdict.ts';

describe('numeric', () => {
  it.each([
    [['>', 5], 5, false],
    [['>=', 5], 5, true],
    [['<', 5], 5, false],
    [['<=', 5], 5, true],
    [['=', 5], 5.0000001, false],
    [['=', 0], -0, true],
    [['>', 0, '<', 5], 5, false],
    [['>=', 0, '<', 5], 0, true],
    [['>', -1e300, '<', 1e300], 0, true],
    [['=', 0.1], 0.1, true],
    [['>', 0], true, false],
    [['>', 0], null, false],
    [['>', 0], ['x', -1, 1], true],
    [['>', 0, '<', 5], [-1, 6], false],
    [['=', 6e9], 6e9, true],
    [['=', 1e16], 1e16, true],
  ])('%j against %j: %s', (operand, value, expected) => {
    expect(onValue([{ numeric: operand }], value)).toBe(expected);
  });

  it('does not compare what a double no longer holds exactly', () => {
    const unsure = 9007199254740992;
    expect(onValue([{ numeric: ['>', 0] }], unsure)).toBe(false);
    expect(onValue([{ 'anything-but': 1 }], unsure)).toBe(true);
    expect(onValue([unsure], unsure)).toBe(true);
  });

  it.each([
    ['>', ''],
    [null, ''],
    [5, ''],
    [[], '/0'],
    [[5], '/0'],
    [['!=', 5], '/0'],
    [['constructor', 5], '/0'],
    [['>'], '/1'],
    [['>', '5'], '/1'],
    [['>', true], '/1'],
    [['=', [1]], '/1'],
    [['=', Number.POSITIVE_INFINITY], '/1'],
    [['<=', 5, '>=', 1], '/2'],
    [['=', 1, '=', 2], '/2'],
    [['>', 1, '>', 2], '/2'],
    [['>', 1, '=', 2], '/2'],
    [['>', 1, 2], '/2'],
    [['>', 1, '<'], '/3'],
    [['>', 5, '<', 5], '/3'],
    [['>', 5, '<', 1], '/3'],
    [['>', 1, '<', 5, '<'], '/4'],
  ])('refuses %j', (operand, place) => {
    expect(pointers({ a: [{ numeric: operand }] })).toEqual([`/a/0/numeric${place}`]);
  });

  it('agrees with the comparison of doubles', () => {
    const number = fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }),
    );
    fc.assert(
      fc.property(number, number, (bound, value) => {
        expect(onValue([{ numeric: ['>', bound] }], value)).toBe(value > bound);
        expect(onValue([{ numeric: ['<=', bound] }], value)).toBe(value <= bound);
        expect(onValue([{ numeric: ['=', bound] }], value)).toBe(value === bound);
        expect(onValue([bound], value)).toBe(value === bound);
        expect(onValue([{ 'anything-but': bound }], value)).toBe(value !== bound);
      }),
    );
  });
});
