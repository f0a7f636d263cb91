import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listEntries, type Reader } from '../../../../functions/audit/ask/list-entries.ts';
import type { Answer } from '../../../../shared/lambda/http.ts';
import type { Role } from '../../../../shared/lambda/person.ts';
import { canonical, sha256 } from '../../../../shared/record/canonical.ts';
import { leafHash } from '../../../../shared/tlog/merkle.ts';
import { columnsOf } from '../../../../shared/trail/columns.ts';
import type { AuditEntry } from '../../../../shared/trail/entry.ts';
import { matches, parseQuery } from '../../../../shared/trail/query.ts';
import { QUESTION_IDS } from '../../../../shared/trail/questions.ts';
import { type TestLog, testLog } from '../../../kit/audit-log.ts';
import { callOf, personWith } from '../../../kit/call.ts';
import { startTables, type Tables } from '../../../kit/dynamodb.ts';

let mine: Tables;
let log: TestLog;
/** Everything in the trail, oldest first. */
let all: AuditEntry[];

const ACTORS = ['per_ann', 'per_bob'];
const TARGETS = ['cmt_x', 'cmt_y', 'rsp_z'];
const ACTIONS = ['report-progress', 'verify', 'close'];
/** Around the turn of the year, ten minutes apart. */
const timeAt = (n: number, ms = 0) => new Date(Date.UTC(2026, 11, 31, 21, n * 10) + ms).toISOString();

const entryAt = (n: number): AuditEntry => {
  const target = TARGETS[n % 3] ?? '';
  const refused = n % 5 === 4;
  return {
    v: 1,
    stream: target,
    sequence: n + 1,
    eventId: `${target}/${n + 1}`,
    commandId: `cmd_${n}`,
    action: ACTIONS[(n * 7) % 3] ?? '',
    outcome: refused ? 'refused' : 'success',
    ...(refused && { code: n % 10 === 9 ? 'self-verification' : 'forbidden' }),
    actor: { id: ACTORS[(n >> 1) % 2] ?? '', role: 'focal-point' },
    observer: 'audit-record',
    target: { type: 'commitment', id: target },
    // Some are recorded two minutes late.
    claimedAt: n % 6 === 1 ? timeAt(n - (n % 2), -120_000) : timeAt(n),
    // Some at the same moment.
    recordedAt: timeAt(n - (n % 2)),
    ...(n % 4 === 0 && { changes: [{ op: 'replace', path: '/status', value: 'a "quoted", value' }] }),
  };
};

beforeAll(async () => {
  mine = await startTables();
  // A page looks at few, so that short pages are seen.
  log = testLog(mine, 7);
  all = Array.from({ length: 40 }, (_, n) => entryAt(n));
  // The newest three wait for their places.
  await log.record(all);
  await log.sequence(12, timeAt(12, 5000));
  await log.sequence(1, timeAt(12, 6000));
  await log.sequence(24, timeAt(39));
});
afterAll(() => mine.stop());

const SUBJECTS: Record<string, string> = { ann: 'per_ann', bob: 'per_bob' };
const people = { find: async (subject: string) => SUBJECTS[subject] ?? null };

const get = (
  target: string,
  { role = 'auditor' as Role, subject = 'otto', accept = '' } = {},
): Promise<Answer> =>
  listEntries({ trail: log.trail, people })(
    callOf(target, { role, person: personWith(subject, role), headers: accept ? { accept } : {} }),
  );

const checkpoint = () => ({
  size: 37,
  root: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
  time: timeAt(39),
});

interface Page {
  data: (AuditEntry & { bytes: string; hash: string; index: number | null })[];
  next_cursor: string | null;
  checkpoint: { size: number; root: string; time: string };
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
      'observer',
      'bytes',
      'hash',
    ]);
    expect(data.map(({ index }) => index)).toEqual([
      ...[null, null, null],
      ...Array.from({ length: 37 }, (_, n) => 36 - n),
    ]);
    expect((body as Page).checkpoint).toEqual(checkpoint());
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
    from: optional(['0001-01-01', ...[0, 3, 18, 20, 39].map((n) => timeAt(n))]),
    to: optional([...[0, 19, 22, 38].map((n) => timeAt(n)), '9999-12-31T23:59:59.999Z']),
    question: optional([...QUESTION_IDS]),
    late: optional([0, 60_000, 100_000]),
    order: optional(['asc', 'desc'] as const),
    limit: optional([1, 3, 200]),
  });

  it('answers every combination of filters, in pages and exports alike', async () => {
    await fc.assert(
      fc.asyncProperty(query, async (asked) => {
        const given = Object.entries(asked).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, String(value)] as [string, string]],
        );
        const { limit: _, actor, ...filters } = Object.fromEntries(given);
        const read = parseQuery({ ...filters, ...(actor && { actor: SUBJECTS[actor] ?? actor }) });
        if ('errors' in read) throw new Error('the query can not be read');
        const sorted = byTime(all).filter((entry) => matches(read.query, entry));
        const expected = idsOf(asked.order === 'asc' ? sorted : sorted.reverse());
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
        const [columns = [], ...rows] = parseCsv(String((await get(target, { accept: 'text/csv' })).body));
        const [sequence, changes, bytes, hash] = ['sequence', 'changes', 'bytes', 'hash'].map((name) =>
          columns.indexOf(name),
        ) as [number, number, number, number];
        expect(rows.map((row) => [row[sequence], row[changes], row[bytes], row[hash]])).toEqual(
          shown.map(({ sequence, changes, bytes, hash }) => [
            String(sequence),
            changes ? JSON.stringify(changes) : '',
            bytes,
            hash,
          ]),
        );
      }),
      { numRuns: 100 },
    );
  });

  it('counts what stands in the log, without what waits', async () => {
    await fc.assert(
      fc.asyncProperty(query, async ({ limit: _, ...asked }) => {
        const given = Object.entries(asked).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, String(value)] as [string, string]],
        );
        const search = new URLSearchParams(given);
        const { body } = await get(`/v1/audit/entries?count=true&${search}`);
        const shown = await pages(`/v1/audit/entries?${search}`);
        expect(body).toEqual({
          count: shown.filter(({ index }) => index !== null).length,
          checkpoint: checkpoint(),
        });
        expect(await pages(`/v1/audit/entries?checkpoint=37&${search}`)).toEqual(
          shown.filter(({ index }) => index !== null),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('draws a sample of what matches, that others can draw again from the leaves', async () => {
    const search = 'outcome=success&seed=q4&sample=';
    const { body } = await get(`/v1/audit/entries?${search}5`);
    const population = log.sequenced.flatMap((entry, index) => (entry.outcome === 'success' ? [index] : []));
    const lot = (index: number) => {
      const leaf = leafHash(Buffer.from(canonical(log.sequenced[index])));
      return sha256(Buffer.concat([Buffer.from('q4'), leaf]));
    };
    const drawn = population
      .sort((a, b) => (lot(a) < lot(b) ? -1 : 1))
      .slice(0, 5)
      .sort((a, b) => b - a);
    expect(body).toMatchObject({
      population: population.length,
      next_cursor: null,
      data: drawn.map((index) => ({ index })),
      checkpoint: { size: 37 },
    });
    expect(drawn).toHaveLength(5);
    const lines = String((await get(`/v1/audit/entries?${search}5`, { accept: 'application/jsonl' })).body);
    expect(lines).toBe((body as Page).data.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
    const whole = (await get(`/v1/audit/entries?${search}1000&order=asc`)).body as Page;
    expect(whole.data.map(({ index }) => index)).toEqual(population.sort((a, b) => a - b));
  });

  it('asks again what stood at an earlier checkpoint', async () => {
    const then = await pages('/v1/audit/entries?checkpoint=13&limit=5&order=asc');
    expect(then.map(({ index }) => index)).toEqual(Array.from({ length: 13 }, (_, n) => n));
    expect((await get('/v1/audit/entries?checkpoint=13')).body).toMatchObject({
      checkpoint: { size: 13, time: timeAt(12, 6000) },
    });
    expect(await pages('/v1/audit/entries?checkpoint=0')).toEqual([]);
    expect((await get('/v1/audit/entries?checkpoint=14')).status).toBe(400);
    const { body } = await get('/v1/audit/entries?limit=5');
    const { next_cursor } = body as Page;
    expect((await get(`/v1/audit/entries?checkpoint=13&cursor=${next_cursor}`)).status).toBe(400);
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
    const bytes = canonical({ ...entry, commandId: 'x'.repeat(15_000) });
    const many = Array.from({ length: 500 }, (_, index) => ({
      index,
      key: { pk: '', sk: '' },
      leaf: new Uint8Array(),
      columns: columnsOf(entry),
    }));
    const asCsv = (reader: Partial<Reader>) =>
      listEntries({
        people,
        trail: {
          ...log.trail,
          entries: { bytesAt: async () => new Map() },
          leaves: { ...log.trail.leaves, page: async () => ({ leaves: many, next: 1 }) },
          published: async () => bytes,
        },
        ...reader,
      })(
        callOf('/v1/audit/entries?action=report-progress', {
          role: 'auditor',
          headers: { accept: 'text/csv' },
        }),
      );
    expect(await asCsv({})).toMatchObject({ status: 422, body: { code: 'result-too-large' } });
    const startExport: Reader['startExport'] = async (_, query, format, size) => ({
      status: 303,
      body: { query, format, size },
    });
    expect(await asCsv({ startExport })).toEqual({
      status: 303,
      body: { query: { action: 'report-progress', order: 'desc' }, format: 'csv', size: 37 },
    });
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
