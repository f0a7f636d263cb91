import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listEntries } from '../../../functions/audit/list-entries.ts';
import type { Answer } from '../../../shared/lambda/http.ts';
import type { Role } from '../../../shared/lambda/person.ts';
import { canonical, sha256 } from '../../../shared/record/canonical.ts';
import { type AuditEntries, auditEntries } from '../../../shared/store/audit-entries.ts';
import type { AuditEntry } from '../../../shared/trail/entry.ts';
import { callOf, personWith } from '../../kit/call.ts';
import { startTables, type Tables } from '../../kit/dynamodb.ts';

let mine: Tables;
let entries: AuditEntries;
/** Everything in the trail, oldest first. */
let all: AuditEntry[];

const ACTORS = ['per_ann', 'per_bob'];
const TARGETS = ['cmt_x', 'cmt_y', 'rsp_z'];
const ACTIONS = ['report-progress', 'verify', 'close'];
/** Around the turn of the year, ten minutes apart. */
const timeAt = (n: number) => new Date(Date.UTC(2026, 11, 31, 21, n * 10)).toISOString();

beforeAll(async () => {
  mine = await startTables();
  // A page looks at few, so that short pages are seen.
  entries = auditEntries(mine.client, mine.tables.audit, 7);
  all = Array.from({ length: 40 }, (_, n): AuditEntry => {
    const target = TARGETS[n % 3] ?? '';
    return {
      v: 1,
      stream: target,
      sequence: n + 1,
      eventId: `${target}/${n + 1}`,
      commandId: `cmd_${n}`,
      action: ACTIONS[(n * 7) % 3] ?? '',
      outcome: n % 5 === 4 ? 'refused' : 'success',
      ...(n % 5 === 4 && { code: 'forbidden' }),
      actor: { id: ACTORS[(n >> 1) % 2] ?? '', role: 'focal-point' },
      observer: 'audit-record',
      target: { type: 'commitment', id: target },
      claimedAt: timeAt(n),
      // Some at the same moment.
      recordedAt: timeAt(n - (n % 2)),
      ...(n % 4 === 0 && { changes: [{ op: 'replace', path: '/status', value: 'a "quoted", value' }] }),
    };
  });
  for (const entry of all) expect(await entries.put(entry)).toBeNull();
});
afterAll(() => mine.stop());

const SUBJECTS: Record<string, string> = { ann: 'per_ann', bob: 'per_bob' };
const people = { find: async (subject: string) => SUBJECTS[subject] ?? null };

const get = (
  target: string,
  { role = 'auditor' as Role, subject = 'otto', accept = '' } = {},
): Promise<Answer> =>
  listEntries({ entries, people })(
    callOf(target, { role, person: personWith(subject, role), headers: accept ? { accept } : {} }),
  );

interface Page {
  data: (AuditEntry & { bytes: string; hash: string; index: null })[];
  next_cursor: string | null;
}

/** Follows the links from page to page. */
async function pages(target: string, as?: Parameters<typeof get>[1]): Promise<Page['data']> {
  const data: Page['data'] = [];
  for (let next: string | undefined = target; next !== undefined; ) {
    const { status, headers, body } = await get(next, as);
    expect(status).toBe(200);
    const page = body as Page;
    data.push(...page.data);
    next = /^<([^>]+)>; rel="next"$/.exec(headers?.['link'] ?? '')?.[1];
    expect(next === undefined).toBe(page.next_cursor === null);
  }
  return data;
}

const idsOf = (list: readonly AuditEntry[]) => list.map(({ eventId }) => eventId);
const byTime = (list: AuditEntry[]) =>
  [...list].sort((a, b) =>
    `${a.recordedAt}#${a.stream}#A#${String(a.sequence).padStart(10, '0')}` <
    `${b.recordedAt}#${b.stream}#A#${String(b.sequence).padStart(10, '0')}`
      ? -1
      : 1,
  );

describe('the trail', () => {
  it('shows the newest first, fifty a page, with the bytes that were hashed', async () => {
    const { body } = await get('/v1/audit/entries');
    const { data, next_cursor } = body as Page;
    expect(next_cursor).toBeNull();
    expect(idsOf(data)).toEqual(idsOf(byTime(all).reverse()));
    const [newest] = data;
    if (!newest) throw new Error('the trail is empty');
    expect(Object.keys(newest)).toEqual([
      'index',
      'stream',
      'sequence',
      'eventId',
      'commandId',
      'action',
      'outcome',
      'actor',
      'target',
      'claimedAt',
      'recordedAt',
      'bytes',
      'hash',
    ]);
    expect(newest.index).toBeNull();
    const written = byTime(all).at(-1);
    expect(newest.bytes).toBe(canonical(written));
    expect(newest.hash).toBe(sha256(newest.bytes));
  });

  const optional = <T>(values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
  const query = fc.record({
    commitment: optional([...TARGETS, 'cmt_none']),
    actor: optional(['ann', 'per_ann', 'bob', 'nobody']),
    action: optional(ACTIONS),
    outcome: optional(['success', 'refused', 'failed'] as const),
    from: optional([0, 3, 18, 20, 39].map(timeAt)),
    to: optional([0, 19, 22, 38].map(timeAt)),
    order: optional(['asc', 'desc'] as const),
    limit: optional([1, 3, 200]),
  });

  it('answers every combination of filters, in pages and exports alike', async () => {
    await fc.assert(
      fc.asyncProperty(query, async (asked) => {
        const { commitment, action, outcome, from, to, order } = asked;
        const actor = asked.actor && (SUBJECTS[asked.actor] ?? asked.actor);
        const sorted = byTime(all).filter(
          (entry) =>
            (commitment === undefined || entry.target.id === commitment) &&
            (actor === undefined || entry.actor.id === actor) &&
            (action === undefined || entry.action === action) &&
            (outcome === undefined || entry.outcome === outcome) &&
            (from === undefined || entry.recordedAt >= from) &&
            (to === undefined || entry.recordedAt < to),
        );
        const expected = idsOf(order === 'asc' ? sorted : sorted.reverse());
        const given = Object.entries(asked).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, String(value)] as [string, string]],
        );
        const target = `/v1/audit/entries?${new URLSearchParams(given)}`;
        const shown = await pages(target);
        expect(idsOf(shown)).toEqual(expected);
        const lines = String((await get(target, { accept: 'application/jsonl' })).body);
        expect(
          lines
            .split('\n')
            .slice(0, -1)
            .map((line) => JSON.parse(line)),
        ).toEqual(shown);
        const [, ...rows] = parseCsv(String((await get(target, { accept: 'text/csv' })).body));
        expect(rows.map((row) => [row[2], row[16], row[17], row[18]])).toEqual(
          shown.map(({ sequence, changes, bytes, hash }) => [
            String(sequence),
            changes ? JSON.stringify(changes) : '',
            bytes,
            hash,
          ]),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('takes a day for its beginning, and times in other zones', async () => {
    expect(idsOf(await pages('/v1/audit/entries?from=2027-01-01'))).toEqual(
      idsOf(
        byTime(all)
          .filter(({ recordedAt }) => recordedAt >= '2027-01-01T00:00:00.000Z')
          .reverse(),
      ),
    );
    expect(await pages('/v1/audit/entries?from=2027-01-01T02:00:00%2B02:00')).toEqual(
      await pages('/v1/audit/entries?from=2027-01-01'),
    );
  });

  it.each([
    ['?colour=blue', '/colour'],
    ['?outcome=maybe', '/outcome'],
    ['?order=random', '/order'],
    ['?from=yesterday', '/from'],
    ['?to=2026-02-30', '/to'],
    ['?limit=0', '/limit'],
    ['?limit=201', '/limit'],
    ['?actor=', '/actor'],
    [`?action=${'x'.repeat(201)}`, '/action'],
    ['?cursor=abc', '/cursor'],
    ['?__proto__=1', '/__proto__'],
  ])('does not guess what %s means', async (search, pointer) => {
    const { status, body } = await get(`/v1/audit/entries${search}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'malformed-query', errors: [{ pointer }] });
  });

  it('refuses a cursor of another query, of another reader, and one that was changed', async () => {
    const { body } = await get('/v1/audit/entries?limit=5&action=verify');
    const cursor = String((body as Page).next_cursor);
    expect((await get(`/v1/audit/entries?limit=9&action=verify&cursor=${cursor}`)).status).toBe(200);
    expect((await get(`/v1/audit/entries?limit=5&cursor=${cursor}`)).status).toBe(400);
    expect((await get(`/v1/audit/entries?limit=5&action=verify&order=asc&cursor=${cursor}`)).status).toBe(
      400,
    );
    expect(
      (
        await get(`/v1/audit/entries?limit=5&action=verify&cursor=${cursor}`, {
          role: 'administrator',
          subject: 'ann',
        })
      ).status,
    ).toBe(400);
    for (let at = 0; at < cursor.length; at += 7) {
      const changed = `${cursor.slice(0, at)}${cursor[at] === 'A' ? 'B' : 'A'}${cursor.slice(at + 1)}`;
      expect((await get(`/v1/audit/entries?limit=5&action=verify&cursor=${changed}`)).status).toBe(400);
    }
  });

  it('shows administrators their own entries only', async () => {
    const as = { role: 'administrator' as const, subject: 'ann' };
    const own = idsOf(byTime(all.filter(({ actor }) => actor.id === 'per_ann')).reverse());
    expect(idsOf(await pages('/v1/audit/entries', as))).toEqual(own);
    expect(idsOf(await pages('/v1/audit/entries?actor=ann', as))).toEqual(own);
    expect(await pages('/v1/audit/entries?actor=bob', as)).toEqual([]);
    expect(await pages('/v1/audit/entries?actor=per_bob', as)).toEqual([]);
    expect(await pages('/v1/audit/entries', { ...as, subject: 'never acted' })).toEqual([]);
  });

  it('says in one sentence what to do when an export does not fit in an answer', async () => {
    const [entry] = all;
    if (!entry) throw new Error('the trail is empty');
    const many = Array.from({ length: 400 }, () => ({ entry, bytes: 'x'.repeat(20_000) }));
    const answer = await listEntries({
      people,
      entries: { page: async () => ({ entries: many, next: null }) },
    })(callOf('/v1/audit/entries', { role: 'auditor', headers: { accept: 'text/csv' } }));
    expect(answer).toMatchObject({ status: 422, body: { code: 'result-too-large' } });
  });

  it('has three representations and no other', async () => {
    expect(
      (await get('/v1/audit/entries', { accept: 'text/csv;q=0.4, application/json' })).headers,
    ).toMatchObject({
      'cache-control': 'no-store',
    });
    expect((await get('/v1/audit/entries', { accept: 'text/*' })).headers?.['content-type']).toMatch(
      'text/csv',
    );
    expect((await get('/v1/audit/entries', { accept: 'image/png' })).status).toBe(406);
  });
});

/** RFC 4180, as a reader of its own. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === '\r\n') {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}
