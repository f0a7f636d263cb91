import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern, matchesPattern } from '../../../shared/event-pattern/pattern.ts';
import { verdict } from './verdict.ts';

const name = fc.constantFrom('a', 'b', 'c', 'a.b', '$or');
const scalar = fc.constantFrom('x', 'xy', '', '10.0.0.1', 1, 2.5, true, null);

const text = fc.constantFrom('x', 'xY', '', '*', 'x*', '**', '\\', '10.0.0.0/8', 'é');
const operand = fc.oneof(
  text,
  fc.array(text, { maxLength: 2 }),
  fc.boolean(),
  fc.integer(),
  fc.constantFrom<unknown>(['>', 1], ['>', 1, '<', 2], ['<', 1, '>', 0], null),
  fc.dictionary(fc.constantFrom('prefix', 'suffix', 'equals-ignore-case', 'wildcard'), text, { maxKeys: 2 }),
);
const operator = fc.constantFrom(
  'exactly',
  'prefix',
  'suffix',
  'equals-ignore-case',
  'wildcard',
  'anything-but',
  'numeric',
  'exists',
  'cidr',
);
const entry = fc.oneof(scalar, fc.dictionary(operator, operand, { minKeys: 1, maxKeys: 1 }));
const list = fc.array(entry, { minLength: 1, maxLength: 3 });

/** Patterns close enough to right that many of them compile. */
const pattern = fc.letrec((tie) => ({
  object: fc.dictionary(name, fc.oneof({ depthSize: 'small' }, list, tie('object'), tie('branches')), {
    minKeys: 1,
    maxKeys: 3,
  }),
  branches: fc.array(tie('object'), { minLength: 1, maxLength: 3 }),
})).object;

const event = fc.letrec((tie) => ({
  object: fc.dictionary(name, tie('value'), { maxKeys: 3 }),
  value: fc.oneof({ depthSize: 'small' }, scalar, tie('object'), fc.array(tie('value'), { maxLength: 3 })),
})).object;

/** Lists that always compile and leave something to chance. */
const validList = fc.array(
  fc.oneof(
    scalar,
    fc.constantFrom(
      { exists: true },
      { exists: false },
      { prefix: 'x' },
      { 'anything-but': 'x' },
      { numeric: ['>', 1] },
      { wildcard: '*y' },
    ),
  ),
  { minLength: 1, maxLength: 2 },
);

describe('compilePattern', () => {
  it('never throws, whatever JSON it is given', () => {
    fc.assert(fc.property(fc.jsonValue(), (json) => void compilePattern(json)));
    fc.assert(
      fc.property(pattern, (json) => void compilePattern(json)),
      { numRuns: 500 },
    );
  });

  it('points every error at a place in the pattern', () => {
    fc.assert(
      fc.property(fc.oneof(pattern, fc.jsonValue()), (json) => {
        const compiled = compilePattern(json);
        if (compiled.ok) return;
        for (const { pointer, detail } of compiled.errors) {
          const parents = pointer.split('/').slice(1, -1);
          const parent = parents.reduce<unknown>(
            (at, step) => Object(at)[step.replaceAll('~1', '/').replaceAll('~0', '~')],
            json,
          );
          expect(pointer === '' || (typeof parent === 'object' && parent !== null)).toBe(true);
          expect(detail).toMatch(/\.$/);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('gives one compiled pattern that serves any number of events', () => {
    const compiled = compilePattern({ a: ['x'] });
    if (!compiled.ok) throw new Error('must compile');
    expect(
      [{ a: 'x' }, { a: 'y' }, { a: 'x' }].map((each) => matchesPattern(compiled.pattern, each)),
    ).toEqual([true, false, true]);
  });
});

describe('matchesPattern', () => {
  it('never throws, and says the same twice', () => {
    fc.assert(
      fc.property(pattern, fc.oneof(event, fc.jsonValue()), (json, given) => {
        const first = verdict(json, given);
        expect(verdict(structuredClone(json), structuredClone(given))).toBe(first);
      }),
      { numRuns: 1_000 },
    );
  });

  it('does not care about the order of array elements', () => {
    const fields = fc.dictionary(fc.constantFrom('x', 'y', 'z'), validList, { minKeys: 1 });
    const element = fc.oneof(fc.dictionary(fc.constantFrom('x', 'y', 'z'), scalar), scalar);
    const shuffled = fc
      .array(element, { maxLength: 4 })
      .chain((items) =>
        fc.tuple(fc.constant(items), fc.shuffledSubarray(items, { minLength: items.length })),
      );
    fc.assert(
      fc.property(fields, shuffled, (under, [items, others]) => {
        expect(verdict({ list: under }, { list: items })).toBe(verdict({ list: under }, { list: others }));
      }),
      { numRuns: 1_000 },
    );
  });

  it('matches an array of objects when one element alone would match, absent fields aside', () => {
    const present = fc.dictionary(
      fc.constantFrom('x', 'y', 'z'),
      fc.array(scalar, { minLength: 1, maxLength: 3 }),
      {
        minKeys: 1,
      },
    );
    const element = fc.dictionary(fc.constantFrom('x', 'y', 'z'), scalar);
    fc.assert(
      fc.property(present, fc.array(element, { maxLength: 4 }), (under, items) => {
        const alone = items.some((item) => verdict({ list: under }, { list: item }) === true);
        expect(verdict({ list: under }, { list: items })).toBe(alone);
      }),
      { numRuns: 1_000 },
    );
  });

  it('answers $or as the union of its branches', () => {
    const branch = fc.dictionary(fc.constantFrom('a', 'b', 'c'), validList, { minKeys: 1 });
    const around = fc.dictionary(fc.constantFrom('p', 'q'), validList);
    const given = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'p', 'q'), scalar);
    fc.assert(
      fc.property(fc.array(branch, { minLength: 2, maxLength: 4 }), around, given, (branches, rest, it) => {
        const union = branches.some((each) => verdict({ ...rest, ...each }, it) === true);
        expect(verdict({ ...rest, $or: branches }, it)).toBe(union);
        expect(verdict({ d: { $or: branches }, ...rest }, { ...it, d: it })).toBe(
          branches.some((each) => verdict({ ...rest, d: each }, { ...it, d: it }) === true),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('answers a list as the union of its entries', () => {
    fc.assert(
      fc.property(validList, fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })), (entries, value) => {
        const union = entries.some((each) => verdict({ a: [each] }, { a: value }) === true);
        expect(verdict({ a: entries }, { a: value })).toBe(union);
      }),
    );
  });
});
