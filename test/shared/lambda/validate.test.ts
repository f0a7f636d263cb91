import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type * as z from 'zod/mini';
import { COMMANDS } from '../../../shared/commitment/command.ts';
import { registerCommitment, registerResponse, reportProgress } from '../../../shared/commitment/schema.ts';
import { REASON_CODES } from '../../../shared/commitment/status.ts';
import { nest } from '../../../shared/lambda/form.ts';
import { validate } from '../../../shared/lambda/validate.ts';
import { canonical } from '../../../shared/record/canonical.ts';
import { OTHER, RESPONSE } from '../../kit/given.ts';

const schemas: Record<string, z.ZodMiniType> = {
  ...COMMANDS,
  'register-commitment': registerCommitment,
  'register-response': registerResponse,
};
const errorsOf = (schema: z.ZodMiniType, value: unknown, form = false) => {
  const result = validate(schema, { value, form });
  return result.ok ? [] : result.errors.map(({ pointer, code }) => `${pointer} ${code}`);
};
const detailsOf = (schema: z.ZodMiniType, value: unknown) => {
  const result = validate(schema, { value, form: false });
  return result.ok ? [] : result.errors.map(({ pointer, detail }) => `${pointer} ${detail}`);
};
const POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;

describe('what a body may not be', () => {
  it('is told field by field, missing apart from wrong', () => {
    expect(
      detailsOf(reportProgress, {
        progress: 'half',
        status: 'done',
        evidence: 'here',
        amountsSecured: [{ amount: 1.5 }],
        x: 1,
      }),
    ).toEqual([
      '/narrative is missing',
      '/status has to be one of in_progress, reported_complete',
      '/progress has to be a number',
      '/evidence has to be a list',
      '/amountsSecured/0/amount has to be a whole number',
      '/amountsSecured/0/currency is missing',
      '/x is not a field of this command',
    ]);
    expect(detailsOf(reportProgress, [])).toEqual([' has to be an object']);
    expect(detailsOf(reportProgress, undefined)).toEqual([' is missing']);
  });

  it('points with escapes', () => {
    expect(errorsOf(reportProgress, { narrative: 'x', 'a/b~c': 1 })).toEqual(['/a~1b~0c unknown-field']);
  });

  it('hides no unknown field behind a prototype', () => {
    const value = JSON.parse(
      '{"narrative":"x","__proto__":{"status":"in_progress"},"constructor":1,"toString":2}',
    );
    expect(errorsOf(reportProgress, value)).toEqual([
      '/__proto__ unknown-field',
      '/constructor unknown-field',
      '/toString unknown-field',
    ]);
  });

  it('tells at most 100 things', () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`f${index}`, 1]));
    expect(errorsOf(reportProgress, many)).toHaveLength(100);
  });

  it.each<[string, object, string]>([
    ['a blank text', { narrative: ' \n ' }, '/narrative too-small'],
    ['a long text', { narrative: 'x'.repeat(10_001) }, '/narrative too-big'],
    ['half of a surrogate pair', { narrative: 'a\ud800b' }, '/narrative invalid-format'],
    [
      'half of a pair in a title',
      { narrative: 'x', evidence: [{ title: '\udc00', url: 'https://a.example/' }] },
      '/evidence/0/title invalid-format',
    ],
    ['progress below 0', { narrative: 'x', progress: -1 }, '/progress too-small'],
    ['progress beyond 100', { narrative: 'x', progress: 101 }, '/progress too-big'],
    ['a fraction of progress', { narrative: 'x', progress: 1.5 }, '/progress invalid-type'],
    ['a number written as text', { narrative: 'x', progress: '50' }, '/progress invalid-type'],
    ['null', { narrative: null }, '/narrative invalid-type'],
    [
      'an address that runs code',
      { narrative: 'x', evidence: [{ title: 't', url: 'javascript:alert(1)' }] },
      '/evidence/0/url invalid-format',
    ],
    [
      'a relative address',
      { narrative: 'x', evidence: [{ title: 't', url: '/report' }] },
      '/evidence/0/url invalid-format',
    ],
    [
      'half of a pair in an address',
      { narrative: 'x', evidence: [{ title: 't', url: 'https://a.example/\ud800' }] },
      '/evidence/0/url invalid-format',
    ],
    [
      'a hash in capitals',
      { narrative: 'x', evidence: [{ title: 't', url: 'https://a.example/', sha256: 'A'.repeat(64) }] },
      '/evidence/0/sha256 invalid-format',
    ],
    [
      'an unsafe integer',
      { narrative: 'x', amountsSecured: [{ amount: 2 ** 53, currency: 'USD' }] },
      '/amountsSecured/0/amount too-big',
    ],
    [
      'a negative amount',
      { narrative: 'x', amountsSecured: [{ amount: -1, currency: 'USD' }] },
      '/amountsSecured/0/amount too-small',
    ],
    [
      'a currency in small letters',
      { narrative: 'x', amountsSecured: [{ amount: 1, currency: 'usd' }] },
      '/amountsSecured/0/currency invalid-format',
    ],
    [
      'a measured value too large for a decimal',
      { narrative: 'x', measurements: [{ name: 'n', value: 1e300 }] },
      '/measurements/0/value invalid-format',
    ],
    [
      'a measured value that is no decimal',
      { narrative: 'x', measurements: [{ name: 'n', value: '1e5' }] },
      '/measurements/0/value invalid-format',
    ],
    [
      'too much evidence',
      { narrative: 'x', evidence: Array(21).fill({ title: 't', url: 'https://a.example/' }) },
      '/evidence too-big',
    ],
  ])('%s', (_, value, error) => {
    expect(errorsOf(reportProgress, value)).toEqual([error]);
  });

  it('takes a measured value as a number too, and writes it down', () => {
    const body = { value: { narrative: 'x', measurements: [{ name: 'n', value: 12.5 }] }, form: false };
    expect(validate(reportProgress, body)).toMatchObject({ value: { measurements: [{ value: '12.5' }] } });
  });

  it.each<[string, unknown, string[]]>([
    ['request-extension', { due: '2026-02-30', reason: 'r' }, ['/due invalid-format']],
    ['request-extension', { due: '2026-01-01T00:00:00Z' }, ['/due invalid-format']],
    ['request-extension', { due: '2026-01-01', precision: 'week' }, ['/precision invalid-value']],
    ['verify', { decision: 'maybe' }, ['/decision invalid-value']],
    ['verify', {}, ['/decision invalid-value']],
    ['close', { reasonCode: 'bored', reason: 'r' }, ['/reasonCode invalid-value']],
    ['supersede', { by: 'cmt_1', reason: 'r' }, ['/by invalid-format']],
    ['reopen', { reason: 5 }, ['/reason invalid-type']],
    ['publish', { now: true }, ['/now unknown-field']],
    [
      'register-commitment',
      { responseId: RESPONSE, title: 't', quote: 'q', dependsOn: ['x'] },
      ['/dependsOn/0 invalid-format'],
    ],
    [
      'register-commitment',
      { responseId: RESPONSE, title: 't', quote: 'q', source: { start: -1, end: 2 } },
      ['/source/start too-small'],
    ],
  ])('%s: %j', (name, value, errors) => {
    expect(errorsOf(schemas[name] as z.ZodMiniType, value)).toEqual(errors);
  });
});

describe('what a body may be', () => {
  it('has its texts trimmed, but never a quote or a source', () => {
    expect(validate(reportProgress, { value: { narrative: '  News.\n' }, form: false })).toMatchObject({
      value: { narrative: 'News.' },
    });
    const quoted = { responseId: RESPONSE, title: ' t ', quote: ' q\n' };
    expect(validate(registerCommitment, { value: quoted, form: false })).toMatchObject({
      value: { title: 't', quote: ' q\n' },
    });
  });

  it('has texts of any Unicode that a feed or a spreadsheet can carry', () => {
    for (const narrative of ['a\tb\nc\r\nd', '🎯', 'ا\u202eب', 'e\u0301', 'x\u0085y', '<&>"\''])
      expect(validate(reportProgress, { value: { narrative }, form: false })).toMatchObject({
        ok: true,
        value: { narrative },
      });
    for (const narrative of ['a\u0000b', 'a\u000bb', 'a\u001bb'])
      expect(errorsOf(reportProgress, { narrative })).toEqual(['/narrative invalid-format']);
  });

  it('has a quote and a source of any well-formed Unicode: they are what they are', () => {
    const value = { responseId: RESPONSE, title: 't', quote: 'page\fbreak' };
    expect(validate(registerCommitment, { value, form: false })).toMatchObject({
      ok: true,
      value: { quote: 'page\fbreak' },
    });
    expect(errorsOf(registerCommitment, { ...value, quote: '\ud800' })).toEqual(['/quote invalid-format']);
  });

  it('has a framework that fits into an item, escapes counted', () => {
    const framework = (label: string) => ({
      id: 'm',
      name: 'M',
      areas: [],
      kpis: [],
      indicators: Array.from({ length: 500 }, (_, index) => ({ id: `${index}`, label, kpi: '1' })),
    });
    const body = {
      organisation: 'o',
      title: 't',
      assessment: 'a',
      date: '2024-01-24',
      source: { title: 't', text: 'x' },
    };
    expect(errorsOf(registerResponse, { ...body, framework: framework('x'.repeat(300)) })).toEqual([]);
    expect(errorsOf(registerResponse, { ...body, framework: framework('"'.repeat(300)) })).toEqual([
      '/framework invalid-format',
    ]);
  });

  it.each<[string, Record<string, string>, object]>([
    [
      'report-progress',
      {
        narrative: 'News.',
        status: '',
        progress: '40',
        'evidence[0][title]': 'T',
        'evidence[0][url]': 'https://a.example/',
        'evidence[0][sha256]': '',
        'evidence[1][title]': '',
        'evidence[1][url]': '',
        'amountsSecured[0][amount]': '250',
        'amountsSecured[0][currency]': 'USD',
        'measurements[0][name]': 'Staff',
        'measurements[0][value]': '12',
      },
      {
        narrative: 'News.',
        progress: 40,
        evidence: [{ title: 'T', url: 'https://a.example/' }],
        amountsSecured: [{ amount: 250, currency: 'USD' }],
        measurements: [{ name: 'Staff', value: '12' }],
      },
    ],
    ['verify', { decision: 'verified', reason: '' }, { decision: 'verified' }],
    [
      'request-extension',
      { due: '2026-01-01', precision: '', reason: 'r' },
      { due: '2026-01-01', precision: 'day', reason: 'r' },
    ],
    ['decide-extension', { decision: 'declined', reason: 'r' }, { decision: 'declined', reason: 'r' }],
    ['close', { reasonCode: REASON_CODES[0], reason: 'r' }, { reasonCode: REASON_CODES[0], reason: 'r' }],
    ['supersede', { by: OTHER, reason: 'r' }, { by: OTHER, reason: 'r' }],
    ['reopen', { reason: '2026' }, { reason: '2026' }],
    ['publish', {}, {}],
    [
      'register-commitment',
      {
        responseId: RESPONSE,
        title: '2024',
        quote: 'q',
        start: '3',
        end: '4',
        draft: 'on',
        indicators: '1.1',
        unit: '',
        'due[date]': '2026-01-01',
        'due[precision]': '',
        'amounts[0][amount]': '100',
        'amounts[0][currency]': 'CHF',
      },
      {
        responseId: RESPONSE,
        title: '2024',
        start: 3,
        end: 4,
        draft: true,
        indicators: ['1.1'],
        unit: null,
        due: { date: '2026-01-01', precision: null, kind: 'complete', text: null },
        amounts: [{ amount: 100, currency: 'CHF', note: null }],
      },
    ],
    [
      'register-response',
      {
        organisation: 'IOM',
        title: 'T',
        assessment: 'M',
        date: '2024-01-24',
        'source[title]': 'L',
        'source[text]': ' 12 ',
        'framework[id]': 'm',
        'framework[name]': 'M',
        'framework[areas][0][id]': 'A',
        'framework[areas][0][name]': 'A',
        'framework[kpis]': '',
        'framework[indicators]': '',
        reportingBodies: 'SCPF',
      },
      {
        source: { title: 'L', text: ' 12 ' },
        framework: { id: 'm', name: 'M', areas: [{ id: 'A', name: 'A' }], kpis: [], indicators: [] },
        reportingBodies: ['SCPF'],
        stances: [],
      },
    ],
  ])('comes from a form too: %s', (name, fields, expected) => {
    const nested = nest(Object.entries(fields));
    if ('errors' in nested) throw new Error(JSON.stringify(nested.errors));
    expect(validate(schemas[name] as z.ZodMiniType, { value: nested.fields, form: true })).toMatchObject({
      ok: true,
      value: expected,
    });
  });

  it('is tried from a form for every command', () => {
    // The table above is the one that has to grow with a new command.
    expect(Object.keys(schemas).filter((name) => name !== 'report-occurrence')).toHaveLength(10);
  });
});

describe('any value at all', () => {
  const names = [
    ...new Set(
      Object.values(schemas).flatMap((schema) => Object.keys((schema as z.ZodMiniObject).def.shape)),
    ),
  ];
  const odd = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom<unknown>(
      '\ud800',
      '\u0000',
      '',
      Number.POSITIVE_INFINITY,
      -0,
      2 ** 53,
      [],
      {},
      [[]],
      { toString: 1 },
      JSON.parse('{"__proto__":1}'),
      '2026-13-01',
      'x'.repeat(5000),
    ),
  );
  const anything = fc.oneof(
    odd,
    fc.dictionary(fc.constantFrom(...names), odd),
    fc.dictionary(fc.constantFrom(...names), fc.dictionary(fc.string(), odd)),
    fc.dictionary(
      fc.constantFrom(...names),
      fc.array(fc.dictionary(fc.constantFrom('title', 'url', 'amount', '~', '/'), odd)),
    ),
  );

  it.each(Object.keys(schemas))('is taken or told what is wrong, by valid pointers: %s', (name) => {
    const schema = schemas[name] as z.ZodMiniType;
    fc.assert(
      fc.property(anything, fc.boolean(), (value, form) => {
        const result = validate(schema, { value, form });
        // What was taken can be hashed.
        if (result.ok) expect(() => canonical(result.value)).not.toThrow();
        else {
          expect(result.errors.length).toBeGreaterThan(0);
          for (const { pointer, code, detail } of result.errors) {
            expect(pointer).toMatch(POINTER);
            expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
            expect(detail).toMatch(/\S/);
          }
          expect(() => JSON.stringify(result.errors)).not.toThrow();
        }
      }),
      { numRuns: 100 },
    );
  });

  it.each(Object.keys(schemas))('nested 100,000 deep is refused like any other: %s', (name) => {
    const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
    const schema = schemas[name] as z.ZodMiniObject;
    expect(errorsOf(schema, deep)).toEqual([' invalid-type']);
    for (const field of Object.keys(schema.def.shape))
      expect(errorsOf(schema, { [field]: deep }).length).toBeGreaterThan(0);
  });
});
