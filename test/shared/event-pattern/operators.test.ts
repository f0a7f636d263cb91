import { describe, expect, it } from 'vitest';
import { onValue, pointers } from './verdict.ts';

describe('literals', () => {
  it.each([
    [['5'], 5, false],
    [[5], '5', false],
    [[5], 5.0000001, false],
    [[0], -0, true],
    [[false], false, true],
    [[false], 0, false],
    [[null], 'null', false],
    [[''], null, false],
    [[123456789012], 123456789012, true],
    [['A'], 'a', false],
    [['é'], 'e\u0301', false],
    [['x', 'x', 1, 1], 1, true],
  ])('%j against %j: %s', (list, value, expected) => {
    expect(onValue(list, value)).toBe(expected);
  });

  it('reads a literal IP address as the address, in any spelling', () => {
    expect(onValue(['2001:db8::1'], '2001:0DB8:0:0:0:0:0:1')).toBe(true);
    expect(onValue(['10.0.0.1'], '10.0.0.01')).toBe(true);
    expect(onValue(['10.0.0.1'], '10.0.0.2')).toBe(false);
    expect(onValue(['10.0.0.1'], 10)).toBe(false);
    expect(onValue([{ exactly: '10.0.0.1' }], '10.0.0.01')).toBe(false);
  });

  it('takes what only looks like an address as text', () => {
    expect(onValue(['10.0.0.999'], '10.0.0.999')).toBe(true);
    expect(onValue(['12:30'], '12:30')).toBe(true);
    expect(onValue(['12:30'], '12:31')).toBe(false);
  });

  it.each([[[[]]], [[['x']]], [[undefined]], [[{}]], [[]], [true], ['x'], [null], [5]])(
    'refuses %j',
    (list) => {
      expect(onValue(list, 'x')).toBe('invalid');
    },
  );
});

describe('exactly', () => {
  it('is a literal string spelled out', () => {
    expect(onValue([{ exactly: 'x' }], 'x')).toBe(true);
    expect(onValue([{ exactly: 'x' }], 'xy')).toBe(false);
    expect(onValue([{ exactly: 5 }], 5)).toBe('invalid');
  });
});

describe('prefix and suffix', () => {
  it.each([
    [{ prefix: '' }, 5, false],
    [{ prefix: '' }, null, false],
    [{ prefix: 'ab' }, 'a', false],
    [{ prefix: 'ab' }, 'Abc', false],
    [{ prefix: { 'equals-ignore-case': 'aB' } }, 'AbC', true],
    [{ prefix: { 'equals-ignore-case': 'aB' } }, 'xab', false],
    [{ prefix: { 'equals-ignore-case': '' } }, '', true],
    [{ suffix: 'yz' }, 'xyz', true],
    [{ suffix: 'yz' }, 'yzx', false],
    [{ suffix: { 'equals-ignore-case': 'yZ' } }, 'xYz', true],
    [{ suffix: { 'equals-ignore-case': 'yZ' } }, 'Yzx', false],
    [{ suffix: { 'equals-ignore-case': 'ß' } }, 'STRASS', true],
  ])('%j against %j: %s', (entry, value, expected) => {
    expect(onValue([entry], value)).toBe(expected);
  });

  it.each([
    [{ prefix: null }, '/a/0/prefix'],
    [{ suffix: ['a'] }, '/a/0/suffix'],
    [{ prefix: {} }, '/a/0/prefix'],
    [{ prefix: { prefix: 'a' } }, '/a/0/prefix'],
    [{ prefix: { 'equals-ignore-case': ['a'] } }, '/a/0/prefix/equals-ignore-case'],
    [{ suffix: { 'equals-ignore-case': 'a', wildcard: 'b' } }, '/a/0/suffix'],
  ])('refuses %j at %s', (entry, pointer) => {
    expect(pointers({ a: [entry] })).toEqual([pointer]);
  });
});

describe('exists', () => {
  it.each([
    [true, '', true],
    [true, false, true],
    [true, [], false],
    [true, [null], true],
    [true, [[], {}], false],
    [true, [[1]], true],
    [false, [{ b: 1 }], true],
    [false, [[[]]], true],
    [false, [0], false],
  ])('exists %s on %j: %s', (operand, value, expected) => {
    expect(onValue([{ exists: operand }], value)).toBe(expected);
  });

  it('takes nothing but a boolean', () => {
    for (const operand of ['true', 1, null, [true], {}]) {
      expect(pointers({ a: [{ exists: operand }] })).toEqual(['/a/0/exists']);
    }
  });

  it('both ways in one list matches always', () => {
    const either = [{ exists: true }, { exists: false }];
    expect(onValue(either, 1)).toBe(true);
    expect(onValue(either, {})).toBe(true);
  });
});

describe('an entry that is an object', () => {
  it('has one operator that exists', () => {
    expect(pointers({ a: [{ contains: 'x' }, { prefix: 'x' }, { exists: true, prefix: 'x' }] })).toEqual([
      '/a/0',
      '/a/2',
    ]);
    expect(onValue([{ constructor: 'x' }], 'x')).toBe('invalid');
    expect(onValue([{ toString: 'x' }], 'x')).toBe('invalid');
  });
});
