import { describe, expect, it } from 'vitest';
import { verdict } from './verdict.ts';

describe('fields under one array', () => {
  const pattern = { list: { x: ['1'], y: ['2'] } };

  it('come from one element', () => {
    expect(
      verdict(pattern, {
        list: [
          { x: '1', y: '9' },
          { x: '1', y: '2' },
        ],
      }),
    ).toBe(true);
    expect(verdict(pattern, { list: [{ x: '1' }, { y: '2' }] })).toBe(false);
    expect(verdict(pattern, { list: { x: '1', y: '2' } })).toBe(true);
    expect(verdict(pattern, { list: [[{ x: '1' }], [{ y: '2' }]] })).toBe(false);
    expect(verdict(pattern, { list: [[{ x: '1', y: '2' }]] })).toBe(true);
  });

  it('come from one element at every level', () => {
    const deep = { a: { n: ['1'], b: { x: ['1'], y: ['2'] } } };
    const inner = (x: string, y: string) => ({ x, y });
    expect(verdict(deep, { a: [{ n: '1', b: [inner('1', '9'), inner('9', '2')] }] })).toBe(false);
    expect(
      verdict(deep, {
        a: [
          { n: '9', b: [inner('1', '2')] },
          { n: '1', b: [] },
        ],
      }),
    ).toBe(false);
    expect(
      verdict(deep, {
        a: [
          { n: '1', b: [inner('9', '9')] },
          { n: '1', b: [inner('1', '2')] },
        ],
      }),
    ).toBe(true);
  });

  it('may each have a list of plain values', () => {
    expect(verdict(pattern, { list: [{ x: ['0', '1'], y: ['2', '3'] }] })).toBe(true);
    expect(verdict(pattern, { list: [{ x: [['1']], y: [['2']] }] })).toBe(true);
  });

  it('choose their element for each array on its own', () => {
    const two = { p: { x: [1] }, q: { x: [2] } };
    expect(verdict(two, { p: [{ x: 0 }, { x: 1 }], q: [{ x: 2 }, { x: 0 }] })).toBe(true);
  });
});

describe('an absent field under an array', () => {
  it('is looked for in the elements that the fields before it by name leave', () => {
    const event = { list: [{ b: 1, z: 1, m: 'no' }, { m: 'yes' }] };
    // z comes after m: only the element with m counts. b comes before: any element counts.
    expect(verdict({ list: { m: ['yes'], z: [{ exists: false }] } }, event)).toBe(true);
    expect(verdict({ list: { b: [{ exists: false }], m: ['yes'] } }, event)).toBe(false);
    // The order of the names counts, not the order they are written in.
    expect(verdict({ list: { z: [{ exists: false }], m: ['yes'] } }, event)).toBe(true);
    expect(verdict({ list: { m: ['yes'], b: [{ exists: false }] } }, event)).toBe(false);
    expect(verdict({ list: { m: ['no'], z: [{ exists: false }] } }, event)).toBe(false);
    expect(verdict({ list: { z: [{ exists: false }] } }, event)).toBe(false);
  });

  it('may also have a value instead', () => {
    const pattern = { list: { m: ['yes'], z: [{ exists: false }, 5] } };
    expect(verdict(pattern, { list: [{ m: 'yes', z: 5 }] })).toBe(true);
    expect(verdict(pattern, { list: [{ m: 'yes', z: 6 }, { m: 'no' }] })).toBe(false);
    expect(verdict(pattern, { list: [{ m: 'yes', z: 6 }, { m: 'yes' }] })).toBe(true);
  });
});

it('does not try every combination of many arrays', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const pattern = Object.fromEntries([...names.map((name) => [name, { x: [1], y: [1] }])]);
  const rows = Array.from({ length: 300 }, () => ({ x: 1, y: 1 }));
  const event = Object.fromEntries(names.map((name) => [name, rows]));
  expect(verdict(pattern, event)).toBe(true);
  const last = [...rows.map(() => ({ x: 1, y: 0 })), { x: 0, y: 1 }];
  expect(verdict(pattern, { ...event, f: last })).toBe(false);
});
