import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  processBatch,
  type StreamRecord,
  type Surrender,
} from '../../../../local/host/event-sources/batch.ts';

const record = (n: number, time = 1000): StreamRecord => ({
  eventID: String(n),
  eventName: 'INSERT',
  dynamodb: { SequenceNumber: String(n), ApproximateCreationDateTime: time },
});
const numbers = (records: StreamRecord[]) => records.map((one) => Number(one.eventID));
const rules = {
  bisects: true,
  maximumRetries: 2,
  maximumAgeMs: Number.POSITIVE_INFINITY,
  reportsFailures: true,
};

interface World {
  /** Records that can never be done, and how the function says so. */
  poison: Set<number>;
  says: 'throws' | 'names' | 'nonsense';
  rules?: Partial<typeof rules>;
  now?: number;
  /** Stops at this pause. */
  stopAt?: number;
}

async function run(count: number, world: World) {
  const done: number[] = [];
  const invocations: number[][] = [];
  const committed: number[] = [];
  const surrendered: Surrender[] = [];
  let pauses = 0;
  const records = Array.from({ length: count }, (_, index) => record(index));
  const finished = await processBatch(
    records,
    { ...rules, ...world.rules },
    {
      async invoke(given) {
        invocations.push(numbers(given));
        const bad = numbers(given).findIndex((n) => world.poison.has(n));
        const good = bad < 0 ? given : given.slice(0, bad);
        if (bad < 0 || world.says === 'names') done.push(...numbers(good));
        if (bad < 0) return outcome(true, {});
        if (world.says === 'throws') return outcome(false, {});
        const itemIdentifier = world.says === 'names' ? given[bad]?.eventID : 'nobody';
        return outcome(true, { batchItemFailures: [{ itemIdentifier }] });
      },
      commit: (one) => void committed.push(Number(one.eventID)),
      surrender: async (given) => void surrendered.push(given),
      pause: async () => ++pauses !== world.stopAt,
      now: () => world.now ?? 1_000_000,
    },
  );
  return { finished, done, invocations, committed, surrendered };
}

function outcome(ok: boolean, payload: object) {
  return { ok, payload: JSON.stringify(payload), requestId: 'r' };
}

const worlds = fc.record({
  count: fc.integer({ min: 1, max: 24 }),
  poison: fc.uniqueArray(fc.integer({ min: 0, max: 23 }), { maxLength: 5 }).map((list) => new Set(list)),
  says: fc.constantFrom('throws' as const, 'names' as const, 'nonsense' as const),
});

describe('a batch of stream records', () => {
  it('with bisection: each poison record is given up alone, all others are done in order', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async ({ count, poison, says }) => {
        const { done, surrendered, committed, finished } = await run(count, { poison, says });
        const all = Array.from({ length: count }, (_, index) => index);
        expect(finished).toBe(true);
        expect([...new Set(done)]).toEqual(all.filter((n) => !poison.has(n)));
        expect(surrendered.map((given) => numbers(given.records))).toEqual(
          all.filter((n) => poison.has(n)).map((n) => [n]),
        );
        expect(committed).toEqual([...committed].sort((a, b) => a - b));
        expect(committed.at(-1)).toBe(count - 1);
      }),
    );
  });

  it('never commits a record before it is done or given up', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, fc.integer({ min: 1, max: 6 }), async ({ count, poison, says }, stopAt) => {
        const { done, surrendered, committed } = await run(count, { poison, says, stopAt });
        const settled = new Set([...done, ...surrendered.flatMap((given) => numbers(given.records))]);
        for (let n = 0; n <= (committed.at(-1) ?? -1); n++) expect(settled.has(n)).toBe(true);
      }),
    );
  });

  it('tries a single record once and then as often as the mapping allows', async () => {
    const { invocations, surrendered } = await run(1, { poison: new Set([0]), says: 'throws' });
    expect(invocations).toHaveLength(3);
    expect(surrendered[0]).toMatchObject({ reason: 'RetryAttemptsExhausted', attempts: 3 });
  });

  it('without bisection gives up everything from the failed record on', async () => {
    const world = { poison: new Set([2]), says: 'names' as const, rules: { bisects: false } };
    const { surrendered, done } = await run(5, world);
    expect([...new Set(done)]).toEqual([0, 1]);
    expect(surrendered.map((given) => numbers(given.records))).toEqual([[2, 3, 4]]);
  });

  it('takes an answer without failures for success only when failures are reported that way', async () => {
    const named = { poison: new Set([1]), says: 'names' as const };
    const { surrendered, finished } = await run(2, { ...named, rules: { reportsFailures: false } });
    expect(finished).toBe(true);
    expect(surrendered).toEqual([]);
  });

  it('gives up what is too old without trying it', async () => {
    const world = {
      poison: new Set<number>(),
      says: 'names' as const,
      rules: { maximumAgeMs: 1000 },
      now: 1_001_001,
    };
    const { surrendered, invocations } = await run(3, world);
    expect(invocations).toEqual([]);
    expect(surrendered).toMatchObject([{ reason: 'RecordAgeExceeded' }]);
  });

  it('retries for ever when the mapping sets no limit, until the host stops', async () => {
    const world = {
      poison: new Set([0]),
      says: 'throws' as const,
      rules: { maximumRetries: Number.POSITIVE_INFINITY },
    };
    const { finished, invocations, committed } = await run(1, { ...world, stopAt: 40 });
    expect(finished).toBe(false);
    expect(invocations).toHaveLength(40);
    expect(committed).toEqual([]);
  });
});
