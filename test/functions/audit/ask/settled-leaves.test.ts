import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { settledLeaves } from '../../../../functions/audit/ask/settled-leaves.ts';
import { logBatches } from '../../../../shared/store/log-batches.ts';
import type { Leaves } from '../../../../shared/store/log-leaves.ts';
import type { AuditEntry } from '../../../../shared/trail/entry.ts';
import type { Conditions } from '../../../../shared/trail/query.ts';
import { type TestLog, testLog } from '../../../kit/audit-log.ts';
import { startTables, type Tables } from '../../../kit/dynamodb.ts';

let mine: Tables;
let log: TestLog;

const START = Date.UTC(2026, 10, 24);
const timeAt = (s: number) => new Date(START + s * 1000).toISOString();
const SIZE = 300;
/** The indexes show no more than this yet. */
const SHOWN = 250;

beforeAll(async () => {
  mine = await startTables();
  log = testLog(mine);
  await log.record(
    Array.from(
      { length: SIZE },
      (_, n): AuditEntry => ({
        v: 1,
        stream: `cmt_${n % 7}`,
        sequence: n + 1,
        action: n % 3 ? 'verify' : 'return',
        outcome: 'success',
        actor: { id: 'per_ann', role: 'verifier' },
        observer: 'audit-record',
        target: { type: 'commitment', id: `cmt_${n % 7}` },
        claimedAt: timeAt(n),
        recordedAt: timeAt(n),
      }),
    ),
  );
  for (const [count, time] of [
    [200, 200],
    [40, 241],
    [40, 281],
    [20, 305],
  ] as const)
    await log.sequence(count, timeAt(time));
});
afterAll(() => mine.stop());

const lagging = (): Leaves => {
  const { leaves } = log.trail;
  const shown = ({ lo, hi }: { lo: number; hi: number }) => ({ lo, hi: Math.min(hi, SHOWN) });
  return {
    one: async (index) => (index < SHOWN ? leaves.one(index) : undefined),
    page: (conditions, range, order, limit) => leaves.page(conditions, shown(range), order, limit),
    count: (conditions, range) => leaves.count(conditions, shown(range)),
  };
};

it('has every leaf, though the indexes lag behind, as if they did not', async () => {
  const settled = settledLeaves(lagging(), {
    checkpoints: log.trail.checkpoints,
    batches: logBatches(mine.client, mine.tables.log),
    objects: log.objects,
    now: () => START + 270_000,
  });
  const conditions: fc.Arbitrary<Conditions> = fc.constantFrom(
    {},
    { target: 'cmt_3' },
    { actions: ['return'] },
    { actions: ['return'], target: 'cmt_3' },
    { actions: [] },
  );
  const bound = fc.integer({ min: 0, max: SIZE });
  await fc.assert(
    fc.asyncProperty(
      conditions,
      fc.tuple(bound, bound),
      fc.constantFrom('asc' as const, 'desc' as const),
      fc.integer({ min: 1, max: 120 }),
      async (asked, [one, other], order, limit) => {
        const range = { lo: Math.min(one, other), hi: Math.max(one, other) };
        const expected = await log.trail.leaves.page(asked, range, order, limit);
        const found = await settled.page(asked, range, order, limit);
        expect(found.leaves).toEqual(expected.leaves);
        // It may find out only at the next page that this was the last.
        if (expected.next !== null) expect(found.next).toBe(expected.next);
        expect(await settled.count(asked, range)).toBe(await log.trail.leaves.count(asked, range));
      },
    ),
    { numRuns: 60 },
  );
  expect(await settled.one(299)).toEqual(await log.trail.leaves.one(299));
  expect(await settled.one(0)).toEqual(await log.trail.leaves.one(0));
  expect(await settled.one(300)).toBeUndefined();
});

it('has what the indexes have where a bundle is gone', async () => {
  const settled = settledLeaves(log.trail.leaves, {
    checkpoints: log.trail.checkpoints,
    batches: logBatches(mine.client, mine.tables.log),
    objects: { get: async () => null },
    now: () => START + 270_000,
  });
  const { leaves } = await settled.page({}, { lo: 0, hi: SIZE }, 'desc', 10);
  expect(leaves.map(({ index }) => index)).toEqual(Array.from({ length: 10 }, (_, n) => SIZE - 1 - n));
});
