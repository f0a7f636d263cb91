import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../../shared/event-pattern/pattern.ts';
import { pointers, verdict } from './verdict.ts';

describe('the frame of a pattern', () => {
  it.each([[null], [undefined], [[]], ['x'], [5], [true], [[{ a: ['x'] }]], [{}]])(
    'refuses %j',
    (pattern) => {
      expect(pointers(pattern)).toEqual(['']);
    },
  );

  it('points at every mistake', () => {
    const pattern = { a: 'x', b: { c: {}, d: [] }, 'e/f~g': [[1]], h: [{ prefix: 1 }, 'ok', { nope: 1 }] };
    expect(pointers(pattern)).toEqual(['/a', '/b/c', '/b/d', '/e~1f~0g/0', '/h/0/prefix', '/h/2']);
  });

  it('names no more mistakes than a person can mend', () => {
    expect(pointers({ a: new Array(5_000).fill([]) })).toHaveLength(100);
  });

  it('takes 256 fields and no more', () => {
    const fields = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, [1]]));
    expect(verdict(fields(256), fields(256))).toBe(true);
    expect(pointers(fields(257))).toEqual(['']);
  });

  it('nests deeply, and refuses what would only serve to break it', () => {
    const nest = (depth: number, inner: unknown): unknown => {
      let value = inner;
      for (let i = 0; i < depth; i++) value = { a: value };
      return value;
    };
    expect(verdict(nest(900, ['x']), nest(900, 'x'))).toBe(true);
    expect(verdict(nest(900, ['x']), nest(899, 'x'))).toBe(false);
    expect(verdict(nest(50_000, ['x']), {})).toBe('invalid');
  });
});

describe('$or', () => {
  const either = { $or: [{ b: ['2'] }, { c: ['3'] }] };

  it('joins with the fields around it', () => {
    expect(verdict({ a: ['1'], ...either }, { a: '1', c: '3' })).toBe(true);
    expect(verdict({ a: ['1'], ...either }, { a: '1' })).toBe(false);
    expect(verdict({ a: ['1'], ...either }, { b: '2' })).toBe(false);
    expect(verdict({ ...either, a: ['1'] }, { a: '1', b: '2' })).toBe(true);
    expect(verdict({ ...either, a: ['1'] }, { b: '2' })).toBe(false);
  });

  it('multiplies with another one', () => {
    const pattern = { $or: [{ a: [1] }, { b: [1] }], x: { $or: [{ a: [1] }, { b: [1] }] } };
    expect(verdict(pattern, { a: 1, x: { b: 1 } })).toBe(true);
    expect(verdict(pattern, { b: 1, x: { a: 1 } })).toBe(true);
    expect(verdict(pattern, { a: 1, b: 1, x: {} })).toBe(false);
  });

  it('lets the last word on a field count, in the order written', () => {
    const deep = { x: { a: ['1'] }, $or: [{ x: { a: ['2'] } }, { b: ['3'] }] };
    expect(verdict(deep, { x: { a: '2' } })).toBe(true);
    expect(verdict(deep, { x: { a: '1' }, b: '3' })).toBe(true);
    expect(verdict(deep, { x: { a: '1' } })).toBe(false);
    const dotted = { 'x.a': ['1'], x: { a: ['2'] } };
    expect(verdict(dotted, { x: { a: '2' } })).toBe(true);
    expect(verdict(dotted, { x: { a: '1' } })).toBe(false);
  });

  it.each([
    [{ $or: ['x', 'y'] }, { $or: 'y' }],
    [{ $or: [{ exists: true }] }, { $or: 0 }],
    [{ $or: [{ prefix: 'a' }, { 'anything-but': 'b' }] }, { $or: 'c' }],
    [{ $or: [{ 'anything-but': { prefix: 'a' } }, 'x'] }, { $or: 'b' }],
    [{ $or: { prefix: ['x'] } }, { $or: { prefix: 'x' } }],
    [{ a: { $or: [{ cidr: '10.0.0.0/8' }, { suffix: 'x' }] } }, { a: { $or: '10.1.1.1' } }],
  ])('is a field name in %j', (pattern, event) => {
    expect(verdict(pattern, event)).toBe(true);
    expect(verdict(pattern, {})).toBe(false);
  });

  it.each([
    [{ $or: [] }, '/$or'],
    [{ $or: 'x' }, '/$or'],
    [{ $or: {} }, '/$or'],
    [{ $or: [{ a: [1] }, 'x'] }, '/$or/1'],
    [{ $or: [{ a: [1] }, []] }, '/$or/1'],
    [{ $or: [{ a: [1] }, { b: { exists: [1] } }] }, '/$or/1/b/exists'],
    [{ $or: [{ a: [1] }, { regex: ['x'] }] }, '/$or/1/regex'],
    [{ $or: [{ a: [1] }, { '=': ['x'] }] }, '/$or/1/='],
    [{ $or: [{ a: [1] }, { $or: [{ b: [1] }] }] }, '/$or/1/$or'],
    [{ $or: [{ a: [] }, { b: [1] }] }, '/$or/0/a'],
    [{ $or: [{ a: { b: {} } }, { b: [1] }] }, '/$or/0/a/b'],
  ])('refuses %j at %s', (pattern, pointer) => {
    expect(pointers(pattern)).toEqual([pointer]);
  });

  it('keeps operator names free for fields outside of it', () => {
    expect(verdict({ prefix: ['x'], ...either }, { prefix: 'x', b: '2' })).toBe(true);
  });

  it("goes by the engine's older grammar where it is a field name", () => {
    const withField = (operand: unknown) => ({ $or: ['x'], a: [{ 'anything-but': operand }] });
    expect(verdict(withField({ prefix: 'a' }), { $or: 'x', a: 'b' })).toBe(true);
    expect(verdict(withField({ 'equals-ignore-case': ['a', 'b'] }), { $or: 'x', a: 'B' })).toBe(false);
    expect(verdict(withField({ prefix: ['a'] }), {})).toBe('invalid');
    expect(verdict(withField({ wildcard: 'a*' }), {})).toBe('invalid');
  });

  it('gives up beyond 1,000 combinations', () => {
    const pair = (i: number) => ({ $or: [{ [`a${i}`]: [1] }, { [`b${i}`]: [1] }] });
    const nested = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, pair(i)]));
    expect(pointers(nested(9))).toEqual([]);
    const compiled = compilePattern(nested(60));
    expect(compiled.ok ? [] : compiled.errors).toEqual([
      { pointer: '/n9/$or', detail: expect.stringMatching(/more than 1000 combinations/) },
    ]);
  });
});
