import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Mark, type Shown, type View, viewPage } from '../../../../functions/audit/ask/view.ts';
import { keyOf } from '../../../../shared/store/audit-entries.ts';
import { type AuditEntry, encodeEntry } from '../../../../shared/trail/entry.ts';
import { matches, type TrailQuery } from '../../../../shared/trail/query.ts';
import { type TestLog, testLog } from '../../../kit/audit-log.ts';
import { startTables, type Tables } from '../../../kit/dynamodb.ts';

let mine: Tables;
let log: TestLog;
let recorded = 0;

const TARGETS = ['cmt_a', 'cmt_b'];
const ACTIONS = ['verify', 'return', 'reopen', 'read-trail'];
const START = Date.UTC(2026, 10, 24);
const timeAt = (n: number, ms = 0): string => new Date(START + n * 1000 + ms).toISOString();

/** The next entry: each at a later time than the one before, but for some at the same. */
const nextEntry = (): AuditEntry => {
  const n = recorded++;
  const target = TARGETS[n % 2] ?? '';
  return {
    v: 1,
    stream: `${target}${n % 5}`,
    sequence: n + 1,
    action: ACTIONS[(n >> 1) % 4] ?? '',
    outcome: n % 7 === 3 ? 'refused' : 'success',
    actor: { id: `per_${n % 3}`, role: 'auditor' },
    observer: 'audit-record',
    target: { type: 'commitment', id: target },
    claimedAt: timeAt(n - (n % 3), n % 4 === 0 ? -61_000 : 0),
    recordedAt: timeAt(n - (n % 3)),
  };
};
const grow = (count: number) => log.record(Array.from({ length: count }, nextEntry));
const now = () => timeAt(recorded);

beforeAll(async () => {
  mine = await startTables();
  log = testLog(mine, 5);
});
afterAll(() => mine.stop());

const optional = <T>(...values: T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
const queries = fc
  .record({
    target: optional(...TARGETS),
    actor: optional('per_0', 'per_1'),
    action: optional(...ACTIONS),
    outcome: optional('success' as const, 'refused' as const),
    question: optional('reversals' as const, 'late-recording' as const, 'viewed-or-exported' as const),
    from: optional(0, 10, 40).map((n) => (n === undefined ? n : timeAt(n))),
    to: optional(20, 60, 1000).map((n) => (n === undefined ? n : timeAt(n))),
    order: fc.constantFrom('asc' as const, 'desc' as const),
  })
  .map((fields) => JSON.parse(JSON.stringify(fields)) as TrailQuery);

const happening = fc.record({
  grown: fc.integer({ min: 0, max: 4 }),
  placed: fc.integer({ min: 0, max: 6 }),
});

const told = (list: readonly { entry: AuditEntry }[]) => list.map(({ entry }) => entry.sequence);

/** Every page, with something that happens after each. */
async function read(
  query: TrailQuery,
  view: View,
  limit: number,
  after: () => Promise<void> = async () => {},
) {
  const shown: Shown[] = [];
  let mark: Mark | null = null;
  do {
    const page = await viewPage(log.trail, query, view, mark, limit);
    expect(page.entries.length).toBeLessThanOrEqual(limit);
    shown.push(...page.entries);
    mark = page.next;
    await after();
  } while (mark);
  return shown;
}

describe('a reading of the trail', () => {
  it('shows what stood when it began, each once, whatever arrives and is sequenced meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        queries,
        fc.integer({ min: 1, max: 9 }),
        fc.array(happening, { minLength: 1, maxLength: 12 }),
        async (query, limit, happenings) => {
          await grow(3);
          const size = log.sequenced.length;
          const view = { size, until: now() };
          const standing = [...log.sequenced, ...log.waiting];
          if (query.order === 'desc') standing.reverse();
          const expected = standing.filter((entry) => matches(query, entry)).map(({ sequence }) => sequence);
          const rest = happenings.values();
          const shown = await read(query, view, limit, async () => {
            const { grown = 0, placed = 0 } = rest.next().value ?? {};
            recorded += 3 - (recorded % 3);
            await grow(grown);
            await log.sequence(placed, now());
          });
          expect(told(shown)).toEqual(expected);
          for (const { index, entry, bytes } of shown) {
            const place = log.sequenced.findIndex(({ sequence }) => sequence === entry.sequence);
            expect(index).toBe(place >= 0 && place < size ? place : null);
            expect(bytes).toBe(encodeEntry(entry));
          }
          const again = await read(query, { size, until: null }, limit);
          expect(again).toEqual(shown.filter(({ index }) => index !== null));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('goes on along a line that is longer than a page looks at', async () => {
    await grow(620);
    const view = { size: log.sequenced.length, until: now() };
    for (const order of ['asc', 'desc'] as const) {
      const shown = await read({ order, actor: 'per_1', from: timeAt(20) }, view, 200);
      const all = [...log.sequenced, ...log.waiting].filter((entry) =>
        matches({ order, actor: 'per_1', from: timeAt(20) }, entry),
      );
      expect(told(shown)).toEqual((order === 'asc' ? all : all.reverse()).map(({ sequence }) => sequence));
    }
  });

  it('shows the bytes that were sequenced where a row was changed or is gone', async () => {
    await log.sequence(10, now());
    const [gone, changed] = log.sequenced.slice(-2);
    if (!gone || !changed) throw new Error('the log is empty');
    const keys = [gone, changed].map((entry) => keyOf(entry));
    const [first, second] = keys.map(({ pk, sk }) => ({ pk: { S: pk }, sk: { S: sk } }));
    await mine.client.send(new DeleteItemCommand({ TableName: mine.tables.audit, Key: first }));
    await mine.client.send(
      new PutItemCommand({
        TableName: mine.tables.audit,
        Item: { ...second, bytes: { S: encodeEntry({ ...changed, action: 'close' }) } },
      }),
    );
    const size = log.sequenced.length;
    const { entries } = await viewPage(log.trail, { order: 'desc' }, { size, until: null }, null, 2);
    expect(entries.map(({ entry }) => entry)).toEqual([changed, gone]);
  });
});
