import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { coerce, nest } from '../../../shared/lambda/form.ts';

const fieldsOf = (...fields: [string, string][]) => {
  const nested = nest(fields);
  return 'fields' in nested ? nested.fields : nested.errors.map(({ pointer, code }) => `${code} ${pointer}`);
};

describe('the names of form fields', () => {
  it('nest', () => {
    expect(
      fieldsOf(
        ['narrative', 'News.'],
        ['evidence[0][title]', 'A'],
        ['evidence[1][url]', 'https://b.example/'],
        ['evidence[0][url]', 'https://a.example/'],
        ['due[date]', '2026-01-01'],
        ['framework[indicators][0][id]', '1.1'],
      ),
    ).toEqual({
      narrative: 'News.',
      evidence: [{ title: 'A', url: 'https://a.example/' }, { url: 'https://b.example/' }],
      due: { date: '2026-01-01' },
      framework: { indicators: [{ id: '1.1' }] },
    });
  });

  it('order a list by its numbers, not by their place or spelling', () => {
    expect(fieldsOf(['a[10]', 'x'], ['a[9]', 'y'], ['a[0]', 'z'])).toEqual({ a: ['z', 'y', 'x'] });
  });

  it('make a list of what occurs twice or ends in []', () => {
    expect(fieldsOf(['a', '1'], ['a', '2'], ['a', '3'], ['b[]', '1'], ['b[]', '2'])).toEqual({
      a: ['1', '2', '3'],
      b: ['1', '2'],
    });
  });

  it('keep what a value and a group disagree on from the fields', () => {
    expect(fieldsOf(['a', '1'], ['a[b]', '2'])).toEqual(['unreadable-name /a/b']);
    expect(fieldsOf(['a[b]', '2'], ['a', '1'])).toEqual(['unreadable-name /a']);
    expect(fieldsOf(['a[]', '1'], ['a[0][b]', '2'])).toEqual(['unreadable-name /a/0/b']);
  });

  it.each([
    '',
    ' ',
    'a[',
    'a]',
    'a[0',
    '[0]',
    'a[0]b',
    'a.b',
    'ä',
    'a[ä]',
    'a[b-c]',
    '0',
    'a[501]',
    'a[99999999999999999999]',
    'a[b][c][d][e]',
  ])('are refused where they are none: %j', (name) => {
    expect(nest([[name, 'x']])).toHaveProperty('errors.length', 1);
  });

  it('are told by a valid pointer', () => {
    expect(fieldsOf(['a~b/c', 'x'])).toEqual(['unreadable-name /a~0b~1c']);
  });

  it('reach no prototype', () => {
    for (const name of [
      '__proto__[polluted]',
      'constructor[prototype][polluted]',
      'a[__proto__][polluted]',
      '__proto__',
    ]) {
      const fields = fieldsOf([name, 'yes'], ['a[b]', 'c']) as Record<string, unknown>;
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
      expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
      expect(Object.hasOwn(fields, name.split('[')[0] as string)).toBe(true);
    }
  });

  it('take a whole body of them in no time', () => {
    // Time of the processor, so that a busy machine doesn't fail it; copying each list took over a minute.
    const started = process.cpuUsage();
    nest(Array.from({ length: 130_000 }, () => ['a', '']));
    nest(Array.from({ length: 130_000 }, (_, index) => [`a${index}`, '']));
    expect(nest(Array.from({ length: 130_000 }, () => ['[', '']))).toHaveProperty('errors.length', 100);
    expect(process.cpuUsage(started).user).toBeLessThan(5_000_000);
  }, 30_000);

  it('never throw', () => {
    const name = fc.oneof(fc.string(), fc.stringMatching(/^[a_]{1,3}(\[[0a_]{0,2}\]){0,5}$/));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string())), (fields) => void nest(fields)),
      { numRuns: 500 },
    );
  });
});

describe('the texts of a form', () => {
  const schema = z.strictObject({
    whole: z.optional(z.int()),
    money: z.optional(z.number()),
    tick: z._default(z.boolean(), false),
    choice: z.optional(z.enum(['a', 'b'])),
    maybe: z._default(z.nullable(z.string()), null),
    list: z._default(z.array(z.string()), []),
    rows: z._default(z.array(z.strictObject({ n: z.optional(z.int()), t: z.string() })), []),
    inner: z.optional(z.strictObject({ n: z.int() })),
  });
  const read = (fields: object) => schema.safeParse(coerce(schema, fields)).data;
  const empty = { tick: false, maybe: null, list: [], rows: [] };

  it('become numbers, booleans, lists and objects', () => {
    expect(
      read({
        whole: ' -5 ',
        money: '2.50',
        tick: 'on',
        list: 'one',
        rows: [{ n: '7', t: '8' }],
        inner: { n: '0' },
      }),
    ).toEqual({
      ...empty,
      whole: -5,
      money: 2.5,
      tick: true,
      list: ['one'],
      rows: [{ n: 7, t: '8' }],
      inner: { n: 0 },
    });
    expect(read({ rows: { t: '1' } })).toEqual({ ...empty, rows: [{ t: '1' }] });
  });

  it('were not filled in where they are empty', () => {
    expect(read({ whole: '', tick: '', choice: '', maybe: '', list: '', rows: '' })).toEqual(empty);
    expect(read({ rows: [{ n: '', t: '' }, { n: '1', t: 'x' }, { t: '' }] })).toEqual({
      ...empty,
      rows: [{ n: 1, t: 'x' }],
    });
  });

  it.each([
    { whole: '1.5' },
    { whole: '0x10' },
    { whole: '1e3' },
    { whole: 'Infinity' },
    { whole: '१' },
    { money: '1,5' },
    { tick: 'maybe' },
    { tick: 'constructor' },
    { tick: '__proto__' },
    { tick: ['on', 'on'] },
    { tick: { toString: 'x' } },
    { whole: ['1', '2'] },
    { inner: 'x' },
    { rows: ['x'] },
  ])('stay as they are where they can not be turned, for the validation to name: %j', (fields) => {
    expect(schema.safeParse(coerce(schema, fields)).success).toBe(false);
  });
});
