import { describe, expect, it } from 'vitest';
import { itemSize, writeUnits } from '../../bench/item-size.ts';

/** Sizes by the rules of "DynamoDB item sizes and formats" in the guide. */
describe('the size of an item', () => {
  it.each([
    ['a string is its UTF-8 bytes', { name: { S: 'Grüße' } }, 4 + 7],
    ['an empty string is nothing but its name', { n: { S: '' } }, 1],
    ['an attribute name is its UTF-8 bytes', { ü: { S: 'a' } }, 2 + 1],
    ['a number is a byte for two digits and one', { n: { N: '1234' } }, 1 + 3],
    ['an odd digit begins a byte', { n: { N: '12345' } }, 1 + 4],
    ['zeroes before and after are trimmed', { n: { N: '00120000' } }, 1 + 2],
    ['38 digits are the longest', { n: { N: '9'.repeat(38) } }, 1 + 20],
    ['a binary is its bytes', { b: { B: new Uint8Array(32) } }, 1 + 32],
    ['true is a byte', { t: { BOOL: true } }, 1 + 1],
    ['null is a byte', { n: { NULL: true } }, 1 + 1],
    ['an empty list is three bytes', { l: { L: [] } }, 1 + 3],
    ['an empty map is three bytes', { m: { M: {} } }, 1 + 3],
    [
      'each element of a list is a byte more',
      { l: { L: [{ S: 'ab' }, { N: '7' }] } },
      1 + 3 + (1 + 2) + (1 + 2),
    ],
    ['each pair of a map is a byte more', { m: { M: { key: { S: 'ab' } } } }, 1 + 3 + 1 + 3 + 2],
    ['it is the sum of its attributes', { pk: { S: 'abc' }, sk: { S: 'd' } }, 2 + 3 + 2 + 1],
  ])('%s', (_, item, bytes) => {
    expect(itemSize(item)).toBe(bytes);
  });

  it('refuses what it has no rule for', () => {
    expect(() => itemSize({ s: { SS: ['a'] } })).toThrow(TypeError);
  });
});

/** "Read/write capacity": one unit for each KB begun, two in a transaction. */
describe('write units', () => {
  it.each([
    [1, 1, 2],
    [1024, 1, 2],
    [1025, 2, 4],
    [3584, 4, 8],
  ])('%i bytes', (bytes, standard, transactional) => {
    expect(writeUnits(bytes, false)).toBe(standard);
    expect(writeUnits(bytes, true)).toBe(transactional);
  });
});
