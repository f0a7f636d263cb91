import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../../shared/trail/entry.ts';
import {
  matches,
  parseQuery,
  queryDigest,
  queryText,
  readQuery,
  type TrailQuery,
} from '../../../shared/trail/query.ts';
import { QUESTION_IDS, QUESTIONS } from '../../../shared/trail/questions.ts';

const entry = (fields: Partial<AuditEntry> = {}): AuditEntry => ({
  v: 1,
  stream: 'cmt_x',
  sequence: 1,
  action: 'verify',
  outcome: 'success',
  actor: { id: 'per_ann', role: 'verifier' },
  observer: 'audit-record',
  target: { type: 'commitment', id: 'cmt_x' },
  claimedAt: '2026-11-24T10:00:00.000Z',
  recordedAt: '2026-11-24T10:00:01.000Z',
  ...fields,
});

const queryOf = (parameters: Record<string, string>): TrailQuery => {
  const read = parseQuery(parameters);
  if ('errors' in read) throw new Error(JSON.stringify(read.errors));
  return read.query;
};

describe('a query of the trail', () => {
  it.each<[Record<string, string>, Partial<AuditEntry>, boolean]>([
    [{}, {}, true],
    [{ commitment: 'cmt_x' }, {}, true],
    [{ commitment: 'cmt_y' }, {}, false],
    [{ actor: 'per_ann', action: 'verify' }, {}, true],
    [{ actor: 'per_ann', action: 'close' }, {}, false],
    [{ outcome: 'success' }, {}, true],
    [{ outcome: 'success' }, { outcome: 'refused' }, false],
    [{ outcome: 'refused' }, { outcome: 'refused' }, true],
    [{ from: '2026-11-24T10:00:01Z' }, {}, true],
    [{ from: '2026-11-24T10:00:01.001Z' }, {}, false],
    [{ to: '2026-11-24T10:00:01Z' }, {}, false],
    [{ to: '2026-11-24T12:00:01.001+02:00' }, {}, true],
    [{ from: '2026-11-24', to: '2026-11-25' }, {}, true],
    [{ to: '2026-11-24' }, {}, false],
    [{ late: '999' }, {}, true],
    [{ late: '1000' }, {}, false],
    [{ late: '0' }, { claimedAt: '2026-11-24T10:00:01.000Z' }, false],
    [{ question: 'late-recording' }, { claimedAt: '2026-11-24T09:59:01.000Z' }, false],
    [{ question: 'late-recording' }, { claimedAt: '2026-11-24T09:59:00.999Z' }, true],
    [{ question: 'late-recording', late: '90000' }, { claimedAt: '2026-11-24T09:59:00.000Z' }, false],
    [{ question: 'self-dealing' }, { outcome: 'refused', code: 'self-verification' }, true],
    [{ question: 'self-dealing' }, { outcome: 'refused', code: 'forbidden' }, false],
    [{ question: 'self-dealing' }, {}, false],
    [{ question: 'reversals' }, { action: 'return' }, true],
    [{ question: 'reversals' }, { action: 'return', outcome: 'refused' }, false],
    [{ question: 'reversals', action: 'verify' }, {}, false],
    [{ question: 'reversals', action: 'reopen' }, { action: 'return' }, false],
    [{ question: 'refusals', outcome: 'success' }, {}, false],
  ])('%j of an entry with %j: %s', (parameters, fields, expected) => {
    expect(matches(queryOf(parameters), entry(fields))).toBe(expected);
  });

  it.each<[Record<string, string>, string[]]>([
    [{ colour: 'blue' }, ['/colour']],
    [{ outcome: 'maybe', order: 'random' }, ['/outcome', '/order']],
    [{ from: 'yesterday' }, ['/from']],
    [{ to: '2026-02-30' }, ['/to']],
    [{ actor: '' }, ['/actor']],
    [{ action: 'x'.repeat(201) }, ['/action']],
    [{ commitment: '\ud800' }, ['/commitment']],
    [{ commitment: 'cmt_x,cmt_y', action: 'verify,return' }, ['/commitment', '/action']],
    [{ question: 'toString' }, ['/question']],
    [{ late: '-1' }, ['/late']],
    [{ late: '1.5' }, ['/late']],
    [{ sample: '0', seed: 'x' }, ['/sample']],
    [{ sample: '10001', seed: 'x' }, ['/sample']],
    [{ sample: '5' }, ['/seed']],
    [{ seed: 'x' }, ['/sample']],
    [{ constructor: 'x' }, ['/constructor']],
    [JSON.parse('{"__proto__": "1"}'), ['/__proto__']],
  ])('does not guess what %j means', (parameters, pointers) => {
    expect(parseQuery(parameters)).toMatchObject({ errors: pointers.map((pointer) => ({ pointer })) });
  });

  const optional = <T>(...values: T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
  const parameters = fc
    .record({
      commitment: optional('cmt_x', 'cmt_y'),
      actor: optional('per_ann', 'Zoë', '😀'),
      action: optional('verify'),
      outcome: optional('success', 'refused'),
      from: optional('2026-11-24', '2026-11-24T01:00:00+01:00'),
      late: optional('0', '00', '5000'),
      order: optional('asc', 'desc'),
      question: optional(...QUESTION_IDS),
    })
    .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)));

  it('is the same after a way through its text, and has one text', () => {
    fc.assert(
      fc.property(parameters, (asked) => {
        const query = queryOf(asked as Record<string, string>);
        const read = readQuery(JSON.parse(queryText(query)));
        expect(read).toEqual(query);
        const backwards = Object.fromEntries(Object.entries(query).reverse()) as unknown as TrailQuery;
        expect(queryDigest(backwards)).toBe(queryDigest(query));
      }),
    );
    expect(queryText(queryOf({ from: '2026-11-24', sample: '5', seed: 'q4' }))).toBe(
      '{"from":"2026-11-24T00:00:00.000Z","order":"desc","sample":{"seed":"q4","size":5}}',
    );
  });

  it.each([
    {},
    { order: 'asc', colour: 'blue' },
    { order: 'asc', from: '2026-11-24' },
    { order: 'asc', late: 0.5 },
    { order: 'asc', sample: { size: 1 } },
    null,
  ])('takes no %j for a query', (value) => {
    expect(readQuery(value)).toBeUndefined();
  });

  it('names every question for people, each by another label', () => {
    const labels = Object.values(QUESTIONS).map(({ label }) => label);
    expect(new Set(labels).size).toBe(QUESTION_IDS.length);
  });
});
