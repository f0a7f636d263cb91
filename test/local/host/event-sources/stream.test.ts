import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { StreamRecord, Surrender } from '../../../../local/host/event-sources/batch.ts';
import type { Mapping } from '../../../../local/host/event-sources/mapping.ts';
import type { Positions } from '../../../../local/host/event-sources/positions.ts';
import type { Stream } from '../../../../local/host/event-sources/shards.ts';
import { type Source, startStream } from '../../../../local/host/event-sources/stream.ts';
import { ServiceError } from '../../../../local/host/services.ts';

interface FakeShard {
  id: string;
  parentId?: string;
  records: StreamRecord[];
  closed: boolean;
}

const record = (n: number, time = 2000): StreamRecord => ({
  eventID: String(n),
  eventName: 'INSERT',
  dynamodb: { SequenceNumber: String(n), ApproximateCreationDateTime: time },
});

/** A stream of these shards, two records a page; every iterator expires when `expires` says so. */
function streamOf(shards: FakeShard[], expires: () => boolean = () => false): Stream {
  return {
    shards: async () =>
      shards.map(({ id, parentId }) => ({ id, ...(parentId !== undefined && { parentId }) })),
    async iterator(shardId, after) {
      const records = shards.find(({ id }) => id === shardId)?.records ?? [];
      const index = records.findIndex((one) => one.dynamodb.SequenceNumber === after);
      return `${shardId}:${index + 1}`;
    },
    async read(iterator) {
      if (expires()) throw new ServiceError('ExpiredIteratorException', '', 400);
      const [shardId, from] = iterator.split(':');
      const shard = shards.find(({ id }) => id === shardId) as FakeShard;
      const records = shard.records.slice(Number(from), Number(from) + 2);
      const end = Number(from) + records.length;
      const over = shard.closed && end >= shard.records.length;
      return { records, next: over ? undefined : `${shardId}:${end}` };
    },
  };
}

/** Positions as a file would keep them over a restart. */
function memory(startedAt = 0): Positions & { saved: Map<string, string>; finished: Set<string> } {
  const saved = new Map<string, string>();
  const finished = new Set<string>();
  return {
    ...{ saved, finished, startedAt },
    of: (shardId) => saved.get(shardId),
    isFinished: (shardId) => finished.has(shardId),
    save: (shardId, sequence) => void saved.set(shardId, sequence),
    finish: (shardId) => void finished.add(shardId),
    keepOnly: () => {},
  };
}

interface World {
  stream: Stream;
  positions: Positions;
  /** Throws to fail the invocation. */
  handle(numbers: number[]): void;
  mapping?: Partial<Mapping>;
  keepFailure?: (given: Surrender) => void;
}

function start({ stream, positions, handle, mapping, keepFailure = () => {} }: World): Source {
  const runner = {
    definition: { name: 'fn', label: 'fn' },
    async invoke(event: string) {
      const { Records } = JSON.parse(event) as { Records: StreamRecord[] };
      const outcome = { payload: '{}', requestId: 'r' };
      try {
        handle(Records.map((one) => Number(one.eventID)));
        return { ok: true, ...outcome };
      } catch {
        return { ok: false, ...outcome };
      }
    },
  };
  return startStream({
    mapping: {
      ...{ id: 'm', label: 'm', sourceArn: 'arn', batchSize: 3, batchingWindowMs: 0, reportsFailures: true },
      ...{ passes: () => true, startsAt: 'TRIM_HORIZON' as const, bisects: true, maximumConcurrency: 1 },
      ...{ maximumRetries: Number.POSITIVE_INFINITY, maximumAgeMs: Number.POSITIVE_INFINITY },
      runner: runner as unknown as Mapping['runner'],
      ...mapping,
    },
    ...{ stream, positions, log: () => {}, longestBackoffMs: 1 },
    keepFailure: async (_shard, given) => keepFailure(given),
  });
}

const soon = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 2 });

describe('a stream reader', () => {
  it('reads a shard only after its parent has ended', async () => {
    const shards: FakeShard[] = [
      { id: 'child', parentId: 'parent', records: [record(4), record(5)], closed: false },
      { id: 'parent', records: [record(1), record(2), record(3)], closed: false },
    ];
    const seen: number[] = [];
    const positions = memory();
    const source = start({
      stream: streamOf(shards),
      positions,
      handle: (numbers) => void seen.push(...numbers),
    });
    await soon(() => expect(seen).toEqual([1, 2, 3]));
    (shards[1] as FakeShard).closed = true;
    await soon(() => expect(seen).toEqual([1, 2, 3, 4, 5]));
    expect([...positions.finished]).toEqual(['parent']);
    await source.stop();
  });

  it('moves its position past records that no filter wants', async () => {
    const shards: FakeShard[] = [{ id: 's', records: [record(1), record(2), record(3)], closed: false }];
    const seen: number[] = [];
    const positions = memory();
    const passes = (one: object) => (one as StreamRecord).eventID === '2';
    const handle = (numbers: number[]) => void seen.push(...numbers);
    const source = start({ stream: streamOf(shards), positions, handle, mapping: { passes } });
    await soon(() => expect(positions.saved.get('s')).toBe('3'));
    expect(seen).toEqual([2]);
    await source.stop();
  });

  it('starting at LATEST leaves out what was written before its first start, not before a restart', async () => {
    const shards: FakeShard[] = [{ id: 's', records: [record(1, 999), record(2, 1001)], closed: false }];
    const seen: number[] = [];
    const world = {
      ...{ stream: streamOf(shards), positions: memory(1_000_500) },
      ...{
        handle: (numbers: number[]) => void seen.push(...numbers),
        mapping: { startsAt: 'LATEST' as const },
      },
    };
    const first = start(world);
    await soon(() => expect(seen).toEqual([2]));
    await first.stop();
    shards[0]?.records.push(record(3, 1002));
    const second = start(world);
    await soon(() => expect(seen).toEqual([2, 3]));
    await second.stop();
  });

  it('stands still while paused, and says what waits', async () => {
    const shards: FakeShard[] = [{ id: 's', records: [], closed: false }];
    const seen: number[] = [];
    const source = start({
      ...{
        stream: streamOf(shards),
        positions: memory(),
        handle: (numbers: number[]) => void seen.push(...numbers),
      },
    });
    source.setPaused(true);
    shards[0]?.records.push(record(1), record(2));
    source.wake();
    await source.backlog();
    expect(seen).toEqual([]);
    source.setPaused(false);
    await soon(() => expect(seen).toEqual([1, 2]));
    expect(await source.backlog()).toBe(0);
    await source.stop();
  });

  it('begins at the oldest record left when its position is gone, and repeats nothing', async () => {
    const shards: FakeShard[] = [{ id: 's', records: [4, 5, 6].map((n) => record(n)), closed: false }];
    const whole = streamOf(shards);
    const stream: Stream = {
      ...whole,
      iterator: async (shardId, after) => (after === undefined ? whole.iterator(shardId, after) : 'gone'),
      async read(iterator) {
        if (iterator === 'gone') throw new ServiceError('TrimmedDataAccessException', '', 400);
        return whole.read(iterator);
      },
    };
    const seen: number[] = [];
    const positions = memory();
    positions.save('s', '4');
    const source = start({ stream, positions, handle: (numbers) => void seen.push(...numbers) });
    await soon(() => expect(seen).toEqual([5, 6]));
    await source.stop();
  });

  it('keeps trying to keep what it gives up before it moves on', async () => {
    const shards: FakeShard[] = [{ id: 's', records: [record(1)], closed: false }];
    const positions = memory();
    let kept = 0;
    const source = start({
      ...{ stream: streamOf(shards), positions, mapping: { maximumRetries: 0 } },
      handle: () => {
        throw new Error('poison');
      },
      keepFailure: () => {
        kept++;
        expect(positions.saved.has('s')).toBe(false);
        if (kept === 1) throw new Error('the bucket is away');
      },
    });
    await soon(() => expect(positions.saved.get('s')).toBe('1'));
    expect(kept).toBe(2);
    await source.stop();
  });

  it('loses nothing and keeps the order over failures, expired iterators and restarts', async () => {
    const scenario = fc.record({
      count: fc.integer({ min: 1, max: 12 }),
      failures: fc.array(fc.boolean(), { maxLength: 12 }),
      expiries: fc.array(fc.boolean(), { maxLength: 12 }),
      stops: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ count, failures, expiries, stops }) => {
        const records = Array.from({ length: count }, (_, n) => record(n));
        const stream = streamOf([{ id: 's', records, closed: false }], () => expiries.pop() === true);
        const positions = memory();
        const firstSeen: number[] = [];
        let invocations = 0;
        let source: Source;
        const handle = (numbers: number[]) => {
          invocations++;
          if (failures.pop()) throw new Error('not now');
          for (const n of numbers) if (!firstSeen.includes(n)) firstSeen.push(n);
        };
        for (const stopAfter of stops) {
          const from = invocations;
          source = start({ stream, positions, handle });
          await soon(() => expect(invocations >= from + stopAfter || firstSeen.length === count).toBe(true));
          await source.stop();
        }
        source = start({ stream, positions, handle });
        await soon(() => expect(firstSeen).toEqual(records.map((_, n) => n)));
        await source.stop();
      }),
      { numRuns: 40 },
    );
  });
});
