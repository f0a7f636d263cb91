import type { Log } from '../functions/output.ts';
import { ServiceError } from '../services.ts';
import { batchesOf, processBatch, type StreamRecord, type Surrender } from './batch.ts';
import type { Mapping } from './mapping.ts';
import type { Positions } from './positions.ts';
import type { Shard, Stream } from './shards.ts';
import { makeWaiter, type Waiter } from './waiter.ts';

/** A running event source. */
export interface Source {
  mapping: Mapping;
  /** Looks for new records at once. */
  wake(): void;
  setPaused(paused: boolean): void;
  /** What was read and is not done with, after a look at the source. */
  backlog(): Promise<number>;
  /** Resolves when the last batch has come to its end or been put back. */
  stop(): Promise<void>;
}

export interface StreamOptions {
  mapping: Mapping;
  stream: Stream;
  positions: Positions;
  keepFailure(shardId: string, given: Surrender): Promise<void>;
  longestBackoffMs?: number;
  log: Log;
}

/** Idle polling: quick just after a record, slower when nothing comes. The host's functions wake it anyway. */
const quickMs = 20;
const slowMs = 60;
const quickForMs = 2000;
/** Retries wait longer each time, as Lambda's do; the longest wait keeps a local system alive. */
const firstBackoffMs = 50;
const longestBackoffMs = 1000;

/** Reads every shard of a stream in order, parents before children, one batch of a shard at a time. */
export function startStream(options: StreamOptions): Source {
  const { mapping, stream, positions, log } = options;
  const longest = options.longestBackoffMs ?? longestBackoffMs;
  const reading = new Map<string, Promise<void>>();
  const waiters = new Map<string, Waiter>();
  const idle = makeWaiter();
  let stopped = false;
  let paused = false;
  let pending = 0;
  let looks: (() => void)[] = [];
  let supervising = supervise();

  async function supervise(): Promise<void> {
    while (!stopped) {
      try {
        const shards = await stream.shards();
        positions.keepOnly(new Set(shards.map((shard) => shard.id)));
        for (const shard of shards) if (isReady(shard, shards)) start(shard);
      } catch (error) {
        log(`${mapping.label}: ${String(error)}`);
      }
      // A shard that ends wakes this; shards appear only then, or after hours.
      await idle.wait(5000);
    }
  }

  function isReady(shard: Shard, shards: Shard[]): boolean {
    if (positions.isFinished(shard.id) || reading.has(shard.id)) return false;
    const parent = shards.find((candidate) => candidate.id === shard.parentId);
    return parent === undefined || positions.isFinished(parent.id);
  }

  function start(shard: Shard): void {
    const waiter = makeWaiter();
    waiters.set(shard.id, waiter);
    const done = readShard(shard.id, waiter).finally(() => {
      waiters.delete(shard.id);
      reading.delete(shard.id);
      idle.wake();
    });
    reading.set(shard.id, done);
  }

  async function readShard(shardId: string, waiter: Waiter): Promise<void> {
    let iterator: string | undefined;
    let lastRecordAt = 0;
    let trimmed = 0;
    while (!stopped) {
      if (paused) {
        await waiter.wait(1000);
        continue;
      }
      try {
        const position = positions.of(shardId);
        // Twice in a row: what stands behind the position is really gone, so begin at the oldest record left.
        iterator ??= await stream.iterator(shardId, trimmed > 1 ? undefined : position);
        const asked = looks;
        looks = [];
        const page = await collect(iterator, waiter);
        if (trimmed > 1) page.records = page.records.filter((record) => isBehind(record, position));
        if (page.records.length > 0) trimmed = 0;
        if (page.records.length > 0) {
          lastRecordAt = Date.now();
          if (!(await processAll(shardId, page.records, waiter))) return;
        }
        for (const answer of asked) answer();
        if (page.next === undefined) return positions.finish(shardId);
        iterator = page.next;
        if (page.records.length === 0) {
          await waiter.wait(Date.now() - lastRecordAt < quickForMs ? quickMs : slowMs);
        }
      } catch (error) {
        iterator = undefined;
        const code = error instanceof ServiceError ? error.code : undefined;
        // DynamoDB Local also says so of a shard that gets its first record.
        if (code === 'TrimmedDataAccessException') trimmed++;
        else if (code !== 'ExpiredIteratorException' && !stopped) log(`${mapping.label}: ${String(error)}`);
        await waiter.wait(code === undefined ? 200 : quickMs);
      }
    }
  }

  /** One page, or with a batching window as many as come within it, up to a batch. */
  async function collect(iterator: string, waiter: Waiter) {
    const page = await stream.read(iterator);
    if (mapping.batchingWindowMs === 0 || page.records.length === 0) return page;
    const until = Date.now() + mapping.batchingWindowMs;
    while (
      !stopped &&
      page.next !== undefined &&
      page.records.length < mapping.batchSize &&
      Date.now() < until
    ) {
      await waiter.wait(Math.min(quickMs, until - Date.now()));
      const more = await stream.read(page.next);
      page.records.push(...more.records);
      page.next = more.next;
    }
    return page;
  }

  async function processAll(shardId: string, records: StreamRecord[], waiter: Waiter): Promise<boolean> {
    const startMs = Math.floor(positions.startedAt / 1000) * 1000;
    const wanted = records.filter(
      (record) =>
        mapping.passes(record) &&
        (mapping.startsAt === 'TRIM_HORIZON' ||
          record.dynamodb.ApproximateCreationDateTime * 1000 >= startMs),
    );
    let left = wanted.length;
    pending += left;
    try {
      for (const batch of batchesOf(wanted, mapping.batchSize)) {
        if (!(await processOne(shardId, batch, waiter))) return false;
        pending -= batch.length;
        left -= batch.length;
      }
      const last = records.at(-1);
      if (last) positions.save(shardId, last.dynamodb.SequenceNumber);
      return true;
    } finally {
      pending -= left;
    }
  }

  async function processOne(shardId: string, batch: StreamRecord[], waiter: Waiter): Promise<boolean> {
    while (paused && !stopped) await waiter.wait(1000);
    if (stopped) return false;
    return processBatch(batch, mapping, {
      invoke: (records) => mapping.runner.invoke(JSON.stringify({ Records: records })),
      commit: (record) => positions.save(shardId, record.dynamodb.SequenceNumber),
      surrender: (given) => untilKept(shardId, given, waiter),
      now: Date.now,
      async pause(failures) {
        const until = Date.now() + Math.min(firstBackoffMs * 2 ** (failures - 1), longest);
        // A wake means new records; it must not shorten a back-off.
        while (!stopped && (paused || Date.now() < until)) {
          await waiter.wait(paused ? 1000 : Math.max(1, until - Date.now()));
        }
        return !stopped;
      },
    });
  }

  async function untilKept(shardId: string, given: Surrender, waiter: Waiter): Promise<void> {
    log(`${mapping.label}: gave up ${given.records.length} record(s): ${given.reason}`);
    for (;;) {
      try {
        return await options.keepFailure(shardId, given);
      } catch (error) {
        log(`${mapping.label}: ${String(error)}`);
        if (stopped) throw error;
        await waiter.wait(1000);
      }
    }
  }

  function wake(): void {
    for (const waiter of waiters.values()) waiter.wake();
  }

  return {
    mapping,
    wake,
    setPaused(wanted) {
      paused = wanted;
      wake();
    },
    async backlog() {
      if (pending > 0 || paused || stopped) return pending;
      await new Promise<void>((resolve) => {
        looks.push(resolve);
        wake();
        setTimeout(resolve, 1000).unref();
      });
      return pending;
    },
    async stop() {
      stopped = true;
      wake();
      idle.wake();
      await supervising;
      await Promise.all(reading.values());
      supervising = Promise.resolve();
    },
  };
}

/** Sequence numbers are decimal, of up to 40 digits. */
function isBehind(record: StreamRecord, position: string | undefined): boolean {
  return position === undefined || BigInt(record.dynamodb.SequenceNumber) > BigInt(position);
}
