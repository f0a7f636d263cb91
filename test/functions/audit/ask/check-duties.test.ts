import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDuties } from '../../../../functions/audit/ask/check-duties.ts';
import { traceCustody } from '../../../../functions/audit/ask/trace-custody.ts';
import { sha256 } from '../../../../shared/record/canonical.ts';
import { newId } from '../../../../shared/runtime/ids.ts';
import type { AuditEntry } from '../../../../shared/trail/entry.ts';
import { type TestLog, testLog } from '../../../kit/audit-log.ts';
import { callOf } from '../../../kit/call.ts';
import { startTables, type Tables } from '../../../kit/dynamodb.ts';

let mine: Tables;
let log: TestLog;

const [A, B] = [newId('cmt'), newId('cmt')];
const FILE = sha256('a file');
const timeAt = (n: number) => new Date(Date.UTC(2026, 10, 24) + n * 1000).toISOString();

type Told = Partial<AuditEntry> & { who: string; role?: string; at?: string };
let told = 0;
const entry = ({ who, role = 'verifier', at = A, ...fields }: Told): AuditEntry => {
  const n = told++;
  return {
    v: 1,
    stream: at,
    sequence: n + 1,
    action: 'verify',
    outcome: 'success',
    actor: { id: who, role, session: 'ses_1' },
    observer: 'audit-record',
    target: { type: 'commitment', id: at },
    claimedAt: timeAt(n),
    recordedAt: timeAt(n),
    recordHash: sha256(`record ${n}`),
    previousHash: n === 0 ? null : sha256(`record ${n - 1}`),
    ...fields,
  };
};
const extension = (n: number, decision = ''): Pick<AuditEntry, 'changes'> => ({
  changes: [{ op: 'replace', path: `/extensions/${n}${decision}`, value: null }],
});
const refused = (code: string): Pick<AuditEntry, 'outcome' | 'code'> => ({ outcome: 'refused', code });

const ENTRIES: AuditEntry[] = [
  // 0, 1: as it should be; 2: Ann reports elsewhere; 3: Bob returns what he reported on before.
  entry({ who: 'ann', action: 'report-progress', evidence: [FILE] }),
  entry({ who: 'bob' }),
  entry({ who: 'ann', action: 'report-progress', at: B }),
  entry({ who: 'bob', action: 'report-progress', at: B }),
  entry({ who: 'bob', action: 'return', at: B }),
  // 5: verified first and reported on later is no breach; 6: nor is what was refused.
  entry({ who: 'bob', action: 'report-progress' }),
  entry({ who: 'bob', ...refused('self-verification') }),
  // 7–10: each decides the other's; 11, 12: Dan decides his own.
  entry({ who: 'cat', action: 'request-extension', ...extension(0) }),
  entry({ who: 'dan', action: 'grant-extension', ...extension(0, '/decision') }),
  entry({ who: 'dan', action: 'request-extension', ...extension(1) }),
  entry({ who: 'cat', action: 'decline-extension', ...extension(1, '/decision') }),
  entry({ who: 'dan', action: 'request-extension', ...extension(2) }),
  entry({ who: 'dan', action: 'grant-extension', ...extension(2, '/decision') }),
  entry({ who: 'eve', action: 'decide-extension', ...refused('self-decision') }),
  // 14–16: an administrator reads as such, and once as an auditor, before ever administering.
  entry({ who: 'fay', role: 'auditor', action: 'read-trail', target: { type: 'trail', id: 'entries' } }),
  entry({
    who: 'fay',
    role: 'administrator',
    action: 'read-trail',
    target: { type: 'trail', id: 'entries' },
  }),
  entry({
    who: 'fay',
    role: 'administrator',
    action: 'recalculate',
    target: { type: 'rollup', id: 'rollups' },
  }),
  entry({ who: 'gus', role: 'auditor', action: 'read-trail', target: { type: 'commitment', id: A } }),
];

beforeAll(async () => {
  mine = await startTables();
  log = testLog(mine);
  await log.record(ENTRIES);
  await log.sequence(ENTRIES.length, timeAt(60));
});
afterAll(() => mine.stop());

interface Report {
  data: {
    id: string;
    violations: { count: number; data: Record<'first' | 'second', { index: number }>[] };
    attempts: { count: number; data: { index: number }[] };
  }[];
}

const found = async (search: string) => {
  const { status, body } = await checkDuties({ trail: log.trail })(callOf(`/v1/audit/duties${search}`));
  expect(status).toBe(200);
  return Object.fromEntries(
    (body as Report).data.map(({ id, violations, attempts }) => {
      expect([violations.count, attempts.count]).toEqual([violations.data.length, attempts.data.length]);
      return [
        id,
        {
          violations: violations.data.map(({ first, second }) => [first.index, second.index]),
          attempts: attempts.data.map(({ index }) => index),
        },
      ];
    }),
  );
};

describe('the segregation of duties', () => {
  it('finds who did both, and who was refused', async () => {
    expect(await found('')).toEqual({
      'report-and-verify': { violations: [[3, 4]], attempts: [6] },
      'request-and-decide-extension': { violations: [[11, 12]], attempts: [13] },
      'request-and-decide-erasure': { violations: [], attempts: [] },
      'administer-and-audit': { violations: [[16, 14]], attempts: [] },
    });
  });

  it('asks of one commitment, and of what was decided in a period', async () => {
    expect((await found(`?commitment=${A}`))['report-and-verify']).toEqual({ violations: [], attempts: [6] });
    expect((await found(`?commitment=${B}`))['report-and-verify']).toEqual({
      violations: [[3, 4]],
      attempts: [],
    });
    const since = encodeURIComponent(timeAt(12));
    expect((await found(`?from=${since}`))['request-and-decide-extension']).toEqual({
      violations: [[11, 12]],
      attempts: [13],
    });
    expect((await found(`?to=${since}`))['request-and-decide-extension']?.violations).toEqual([]);
  });

  it.each([
    ['who=ann', '/who'],
    ['commitment=IOM-MR-052', '/commitment'],
  ])('does not guess what %s means', async (query, pointer) => {
    const answer = await checkDuties({ trail: log.trail })(callOf(`/v1/audit/duties?${query}`));
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
  });
});

describe('the chain of custody', () => {
  const trace = (search: string, accept = '') =>
    traceCustody({ trail: log.trail })(callOf(`/v1/audit/custody${search}`, { headers: { accept } }));
  const indices = async (search: string) =>
    ((await trace(search)).body as { data: { index: number }[] }).data.map(({ index }) => index);

  it('tells everything about a commitment, in order, with hashes and where the proofs are', async () => {
    const expected = ENTRIES.flatMap(({ target }, index) => (target.id === A ? [index] : []));
    expect(await indices(`?commitment=${A}`)).toEqual(expected);
    const { body } = await trace(`?commitment=${A}`);
    expect((body as { data: unknown[] }).data[0]).toMatchObject({
      index: 0,
      actor: { id: 'ann', role: 'verifier', session: 'ses_1' },
      evidence: [FILE],
      recordHash: sha256('record 0'),
      previousHash: null,
      proof: '/v1/audit/entries/0/proof',
    });
  });

  it('follows a piece of evidence', async () => {
    expect(await indices(`?evidence=${FILE}`)).toEqual([0]);
    expect(await indices(`?commitment=${A}&evidence=${FILE}`)).toEqual([0]);
    expect((await trace(`?commitment=${B}&evidence=${FILE}`)).status).toBe(404);
  });

  it('is a text too', async () => {
    const { headers, body } = await trace(`?evidence=${FILE}`, 'text/markdown');
    expect(headers?.['content-type']).toBe('text/markdown; charset=utf-8');
    expect(String(body)).toContain(`- Evidence: \`${FILE}\`\n- Proof: /v1/audit/entries/0/proof\n`);
  });

  it.each([
    ['', '/commitment'],
    ['?commitment=x', '/commitment'],
    ['?evidence=abc', '/evidence'],
    [`?commitment=${A}&order=asc`, '/order'],
  ])('does not guess what %s means', async (search, pointer) => {
    expect(await trace(search)).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
  });
});
