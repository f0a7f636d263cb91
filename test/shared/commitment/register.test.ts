import { describe, expect, it } from 'vitest';
import { EVENT_TYPES, type Registered, type ResponseRegistered } from '../../../shared/commitment/event.ts';
import { decideRegistration, decideResponse } from '../../../shared/commitment/register.ts';
import { isRejection } from '../../../shared/commitment/rejection.ts';
import { registerCommitment, registerResponse } from '../../../shared/commitment/schema.ts';
import { OTHER, RESPONSE } from '../../kit/given.ts';

const text = 'We will train staff. We will hire. We will train staff. 🎯 End.';
const sha256 = 'c'.repeat(64);
const framework = {
  id: 'mopan',
  name: 'MOPAN',
  areas: [
    { id: 'A', name: 'Results' },
    { id: 'B', name: 'People' },
  ],
  kpis: [
    { id: '1', name: 'Vision', area: 'A' },
    { id: '2', name: 'Staff', area: 'A' },
    { id: '3', name: 'Funds', area: 'B' },
  ],
  indicators: [
    { id: '1.1', label: 'Plan', kpi: '1' },
    { id: '1.2', label: 'Map', kpi: '1' },
    { id: '2.1', label: 'Train', kpi: '2' },
  ],
};
const responseBody = {
  organisation: 'IOM',
  title: 'Response',
  assessment: 'MOPAN 2023',
  date: '2024-01-24',
  source: { title: 'Letter', text },
  framework,
  stances: [{ indicator: '1.2', stance: 'accepted' }],
};

const respond = (fields: object = {}) =>
  decideResponse(registerResponse.parse({ ...responseBody, ...fields }), sha256);
const dataOf = <T>(result: ReturnType<typeof respond>): T => {
  if (isRejection(result)) throw new Error(JSON.stringify(result));
  return result.events[0]?.data as T;
};
const problems = (result: ReturnType<typeof respond>) =>
  isRejection(result)
    ? [result.code, ...(result.errors ?? []).map(({ pointer, code }) => `${pointer} ${code}`)]
    : [];

const response = dataOf<ResponseRegistered>(respond());
const quote = 'We will hire.';
const decideOn = (fields: object, known: string[] = []) =>
  decideRegistration(registerCommitment.parse({ responseId: RESPONSE, title: 'Hire', quote, ...fields }), {
    response,
    text,
    known: new Set(known),
  });
const register = (fields: object, known?: string[]) => dataOf<Registered>(decideOn(fields, known));

describe('a citation', () => {
  it('is found where it stands once', () => {
    expect(register({}).source).toEqual({ start: 21, end: 34, sha256 });
    expect(text.slice(21, 34)).toBe(quote);
  });

  it('is found at the very beginning and the very end', () => {
    expect(register({ quote: 'We will train staff. We' }).source).toMatchObject({ start: 0, end: 23 });
    expect(register({ quote: 'End.' }).source.end).toBe(text.length);
  });

  it('is taken where it says it stands, in UTF-16 units', () => {
    const twice = 'We will train staff.';
    expect(register({ quote: twice, start: 35, end: 55 }).source).toMatchObject({ start: 35, end: 55 });
    expect(register({ quote: twice, source: { start: 0, end: 20, sha256 } }).source).toMatchObject({
      start: 0,
      end: 20,
    });
    expect(register({ quote: '🎯 End.' }).source).toMatchObject({ start: 56, end: text.length });
  });

  it.each([
    ['does not occur', { quote: 'We will sing.' }],
    ['occurs twice', { quote: 'We will train staff.' }],
    ['overlaps itself', { quote: 'll' }],
    ['stands elsewhere', { start: 22, end: 35 }],
    ['differs by a letter', { quote: 'we will hire.', start: 21, end: 34 }],
    ['is cut short', { quote: '🎯 End.', start: 56, end: text.length - 1 }],
    ['ends beyond the text', { quote: '🎯 End.', start: 56, end: text.length + 1 }],
    ['ends before it starts', { start: 34, end: 21 }],
    ['has a start only', { start: 21 }],
    ['has an end only', { end: 34 }],
  ])('is refused where it %s', (_, fields) => {
    expect(problems(decideOn(fields))).toEqual(['invalid-body', '/quote citation-mismatch']);
  });

  it('is refused for another source', () => {
    expect(problems(decideOn({ source: { start: 21, end: 34, sha256: 'd'.repeat(64) } }))).toEqual([
      'invalid-body',
      '/source/sha256 hash-mismatch',
    ]);
  });
});

describe('a registration', () => {
  it.each([
    [{}, 'not_started', null],
    [{ kind: 'planned' }, 'not_started', null],
    [{ kind: 'ongoing' }, 'in_progress', null],
    [{ kind: 'done' }, 'reported_complete', '2024-01-24'],
    [{ kind: 'done', draft: true }, 'draft', null],
    [{ draft: true }, 'draft', null],
  ])('%j enters as %s, claimed on %s', (fields, status, claimedOn) => {
    expect(register(fields)).toMatchObject({ status, claimedOn });
  });

  it('takes KPIs and areas from the framework, each once', () => {
    expect(register({ indicators: ['1.1', '2.1', '1.2', '1.1'] })).toMatchObject({
      indicators: ['1.1', '2.1', '1.2'],
      kpis: ['1', '2'],
      areas: ['A'],
    });
  });

  it('names every field that does not agree with the response', () => {
    const result = decideOn(
      {
        indicators: ['1.1', '9.9'],
        dependsOn: [OTHER, RESPONSE],
        due: { kind: 'complete' },
        quote: 'Nowhere.',
      },
      [RESPONSE],
    );
    expect(problems(result)).toEqual([
      'invalid-body',
      '/quote citation-mismatch',
      '/indicators/1 unknown-indicator',
      '/dependsOn/0 unknown-commitment',
      '/due/date date-required',
    ]);
  });

  it('keeps a due date as the last day of its period, with its words', () => {
    const words = 'Before the end of the first quarter of 2024';
    expect(register({ due: { date: '2024-02-10', precision: 'quarter', text: words } }).due).toEqual({
      date: '2024-03-31',
      precision: 'quarter',
      kind: 'complete',
      text: words,
    });
    expect(register({ due: { date: '2024-02-10' } }).due).toMatchObject({
      date: '2024-02-10',
      precision: 'day',
    });
  });

  it('needs a date for what is complete, starts or ends; not for what recurs or has none', () => {
    for (const kind of ['complete', 'start', 'period-end'])
      expect(problems(decideOn({ due: { kind } }))).toEqual(['invalid-body', '/due/date date-required']);
    for (const kind of ['recurring', 'none'])
      expect(register({ due: { kind } }).due).toEqual({ date: null, precision: null, kind, text: null });
    expect(register({ due: null }).due).toBeNull();
  });

  it('counts what has a recurrence as recurring, not as undated', () => {
    expect(register({ recurrence: { frequency: 'yearly' } }).due?.kind).toBe('recurring');
    const worded = register({
      recurrence: { frequency: 'yearly' },
      due: { kind: 'none', text: 'each year' },
    });
    expect(worded.due).toEqual({ date: null, precision: null, kind: 'recurring', text: 'each year' });
  });

  it('secures no amount yet, and keeps the key of shared money', () => {
    const amounts = [
      { amount: 2_300_000_000, currency: 'USD', sharedKey: 'iosf' },
      { amount: 0, currency: 'CHF', note: 'n' },
    ];
    expect(register({ amounts }).amounts).toEqual([
      { amount: 2_300_000_000, currency: 'USD', note: null, secured: 0, sharedKey: 'iosf' },
      { amount: 0, currency: 'CHF', note: 'n', secured: 0 },
    ]);
  });

  it('keeps what it was given, and says what it was not', () => {
    const given = {
      reference: 'IOM-MR-052',
      section: 'Workforce',
      type: 'reporting',
      unit: 'HR',
      systems: ['PRIMA', 'ERP', 'PRIMA'],
      note: 'As read.',
    };
    expect(register(given)).toMatchObject({
      ...given,
      systems: ['PRIMA', 'ERP'],
      responseId: RESPONSE,
      quote,
    });
    expect(register({ dependsOn: [OTHER, OTHER] }, [OTHER]).dependsOn).toEqual([OTHER]);
    expect(register({})).toMatchObject({
      reference: null,
      section: null,
      type: 'action',
      unit: null,
      systems: [],
      note: null,
      recurrence: null,
    });
  });

  it('is one event', () => {
    const result = decideOn({});
    expect(result).toMatchObject({
      action: 'register-commitment',
      events: [{ type: EVENT_TYPES.registered }],
    });
    expect(isRejection(result) ? 0 : result.events.length).toBe(1);
  });
});

describe('a response', () => {
  it('starts every stance that is not given as unknown', () => {
    expect(response.stances).toEqual([
      { indicator: '1.1', stance: 'unknown' },
      { indicator: '1.2', stance: 'accepted' },
      { indicator: '2.1', stance: 'unknown' },
    ]);
  });

  it('knows the hash and length of its text, not the text', () => {
    expect(response.source).toEqual({ title: 'Letter', date: null, sha256, length: text.length });
    expect(JSON.stringify(response)).not.toContain('train staff');
  });

  it('keeps what it was given', () => {
    const given = { reference: 'EO/35/2024', reportingBodies: ['SCPF'] };
    const source = { title: 'Letter', text, date: '2024-01-24', sha256 };
    const data = dataOf<ResponseRegistered>(respond({ ...given, source }));
    expect(data).toMatchObject({
      ...given,
      organisation: 'IOM',
      date: '2024-01-24',
      source: { date: '2024-01-24' },
    });
    expect(response).toMatchObject({ reference: null, reportingBodies: [] });
  });

  it('needs no framework', () => {
    const { framework: _, stances: __, ...bare } = responseBody;
    expect(dataOf<ResponseRegistered>(decideResponse(registerResponse.parse(bare), sha256)).stances).toEqual(
      [],
    );
  });

  it('names every part that does not agree with the rest', () => {
    const broken = {
      source: { title: 'Letter', text, sha256: 'd'.repeat(64) },
      framework: {
        ...framework,
        kpis: [...framework.kpis, { id: '4', name: 'Lost', area: 'Z' }],
        indicators: [...framework.indicators, { id: '9.1', label: 'Lost', kpi: '9' }],
      },
      stances: [{ indicator: '7.7', stance: 'accepted' }],
    };
    expect(problems(respond(broken))).toEqual([
      'invalid-body',
      '/source/sha256 hash-mismatch',
      '/framework/kpis/3/area unknown-area',
      '/framework/indicators/3/kpi unknown-kpi',
      '/stances/0/indicator unknown-indicator',
    ]);
  });
});
