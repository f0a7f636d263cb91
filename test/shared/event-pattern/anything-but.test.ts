import { describe, expect, it } from 'vitest';
import { onValue, pointers } from './verdict.ts';

describe('anything-but', () => {
  it.each([
    ['x', true, true],
    ['x', '', true],
    ['x', ['x', 'y'], true],
    ['x', [], false],
    [5, 5, false],
    [5, 5.5, true],
    [5, '5', true],
    [5, null, true],
    [0, -0, false],
    [[1, 2], 2, false],
    [[1, 2], 3, true],
    [['a', 'b'], 'b', false],
    [['a', 'b'], ['a', 'b'], false],
    ['10.0.0.1', '10.0.0.1', false],
    ['', '', false],
  ])('%j against %j: %s', (operand, value, expected) => {
    expect(onValue([{ 'anything-but': operand }], value)).toBe(expected);
  });

  it.each([
    ['prefix', 'ab', 'abc', false],
    ['prefix', 'ab', 'Abc', true],
    ['prefix', ['x', 'ab'], 'abc', false],
    ['suffix', 'bc', 'abc', false],
    ['suffix', ['x', 'bc'], 'bcd', true],
    ['suffix', 'bc', false, true],
    ['equals-ignore-case', 'abc', 'ABC', false],
    ['equals-ignore-case', ['x', 'abc'], 'aBc', false],
    ['equals-ignore-case', 'abc', 'ABCD', true],
    ['equals-ignore-case', '', '', false],
    ['wildcard', 'a*c', 'abc', false],
    ['wildcard', ['x*', 'a*c'], 'abd', true],
    ['wildcard', ['x*', 'a*c'], 'xyz', false],
    ['wildcard', '*', 5, true],
    ['wildcard', '*', 'any', false],
  ])('%s %j against %j: %s', (operator, operand, value, expected) => {
    expect(onValue([{ 'anything-but': { [operator]: operand } }], value)).toBe(expected);
  });

  it.each([
    [null, ''],
    [false, ''],
    [[null], '/0'],
    [['a', true], '/1'],
    [[['a']], '/0'],
    [['a', 1], ''],
    [[], ''],
    [[{ prefix: 'a' }], '/0'],
    [9007199254740992, ''],
    [[1, 9007199254740992], '/1'],
    [{}, ''],
    [{ cidr: '10.0.0.0/8' }, ''],
    [{ 'anything-but': 'a' }, ''],
    [{ exactly: 'a' }, ''],
    [{ prefix: 5 }, '/prefix'],
    [{ prefix: ['a', ''] }, '/prefix/1'],
    [{ prefix: { 'equals-ignore-case': 'a' } }, '/prefix'],
    [{ suffix: '' }, '/suffix'],
    [{ 'equals-ignore-case': [] }, '/equals-ignore-case'],
    [{ 'equals-ignore-case': ['a', 1] }, '/equals-ignore-case/1'],
    [{ wildcard: [] }, '/wildcard'],
    [{ wildcard: ['a*', 'b**'] }, '/wildcard/1'],
    [{ wildcard: 'a\\b' }, '/wildcard'],
  ])('refuses %j', (operand, place) => {
    expect(pointers({ a: [{ 'anything-but': operand }] })).toEqual([`/a/0/anything-but${place}`]);
  });
});
