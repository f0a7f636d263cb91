import { randomUUID } from 'node:crypto';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Appender, appendBatch } from '../../../functions/feed/append-batch.ts';
import type { EventRecord } from '../../../shared/record/event-record.ts';
import { events } from '../../../shared/store/events.ts';
import { type FeedItem, feed } from '../../../shared/store/feed.ts';
import { eventKey } from '../../../shared/store/keys.ts';
import { clientOf, startTables, type Tables } from '../../kit/dynamodb.ts';
import { type Fault, startFaultyDynamoDb } from '../../kit/faulty-dynamodb.ts';
import { logged, messageOf, progressing, putRecords } from '../../kit/records.ts';

let mine: Tables;
beforeAll(async () => {
  mine = await startTables();
});
afterAll(() => mine.stop());

function appender() {
  const { client, tables } = mine;
  const { log, lines } = logged();
  const store = feed(client, tables.feed);
  const deps: Appender = { feed: store, events: events(client, tables.commands), log };
  return { deps, lines, store };
}

async function given(count: number): Promise<EventRecord[]> {
  const records = progressing(`cmt_${randomUUID()}`, count);
  await putRecords(mine.client, mine.tables.commands, records);
  return records;
}

const hint = (records: readonly EventRecord[], sequence: number) =>
  messageOf(records[sequence - 1] as EventRecord, `m${sequence}`);

async function whole(store: ReturnType<typeof feed>): Promise<FeedItem[]> {
  const items: FeedItem[] = [];
  for (;;) {
    const page = await store.after(items.at(-1)?.position ?? 0, {}, 50);
    items.push(...page);
    if (page.length < 50) return items;
  }
}

describe('the feed', () => {
  it('holds every event once, at contiguous positions, in the order of its stream, whatever is delivered how often by whom', async () => {
    const delivery = fc.array(fc.tuple(fc.nat(2), fc.nat(5)), { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 3, maxLength: 3 }),
        fc.array(delivery, { minLength: 1, maxLength: 5 }),
        async (counts, deliveries) => {
          const streams = await Promise.all(counts.map(given));
          const { deps, store, lines } = appender();
          const before = (await whole(store)).length;
          const deliver = (batch: [number, number][]) =>
            appendBatch(
              batch.map(([which, n]) => {
                const records = streams[which] ?? [];
                return hint(records, 1 + (n % records.length));
              }),
              deps,
            );
          // Two writers at a time: more than the queue ever allows.
          for (let at = 0; at < deliveries.length; at += 2)
            await Promise.all(deliveries.slice(at, at + 2).map(deliver));
          await Promise.all(streams.map((_, which) => deliver([[which, 5]])));
          const items = await whole(store);
          expect(items.map(({ position }) => position)).toEqual(items.map((_, index) => index + 1));
          expect(items.length - before).toBe(counts.reduce((sum, count) => sum + count));
          for (const records of streams)
            expect(
              items.filter(({ stream }) => stream === records[0]?.stream).map(({ sequence }) => sequence),
            ).toEqual(records.map(({ sequence }) => sequence));
          expect(await store.head()).toBe(items.length);
          expect(lines).toEqual([]);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('holds every event once though calls conflict, are throttled, or lose their answers', async () => {
    const faulty = await startFaultyDynamoDb(mine.endpoint);
    const client = clientOf(faulty.endpoint);
    const { deps, store } = appender();
    const before = await store.head();
    const shaky: Appender = {
      ...deps,
      feed: feed(client, mine.tables.feed),
      events: events(client, mine.tables.commands),
    };
    const streams = await Promise.all([3, 5, 40].map(given));
    const faults: (Fault | undefined)[] = ['lost-answer', undefined, 'conflict', 'throttle', 'lost-call'];
    let calls = 0;
    faulty.fault = (operation) =>
      operation === 'TransactWriteItems' ? faults[calls++ % faults.length] : undefined;
    for (const records of streams) await appendBatch([hint(records, 1)], shaky);
    expect(Object.values(faulty.played).every((count) => count > 0)).toBe(true);
    const items = (await whole(store)).slice(before);
    expect(items.map(({ position }) => position)).toEqual(items.map((_, index) => before + index + 1));
    expect(items.map(({ stream, sequence }) => `${stream}/${sequence}`)).toEqual(
      streams.flat().map(({ stream, sequence }) => `${stream}/${sequence}`),
    );
    client.destroy();
    await faulty.stop();
  });

  it('takes a long stream in several transactions, from one hint', async () => {
    const records = await given(80);
    const { deps, store } = appender();
    await appendBatch([hint(records, 1)], deps);
    const items = await store.after(0, { subject: records[0]?.stream ?? '' }, 200);
    expect(items.map(({ sequence }) => sequence)).toEqual(records.map(({ sequence }) => sequence));
  });

  it('waits at a hole in a stream, says so, and lets other streams pass', async () => {
    const [holed, whole] = [await given(3), await given(1)];
    const { pk, sk } = eventKey(holed[1]?.stream ?? '', 2);
    await mine.client.send(
      new DeleteItemCommand({ TableName: mine.tables.commands, Key: { pk: { S: pk }, sk: { S: sk } } }),
    );
    const { deps, store, lines } = appender();
    expect(await appendBatch([hint(holed, 3), hint(whole, 1)], deps)).toEqual([]);
    const fed = async (records: EventRecord[]) =>
      (await store.after(0, { subject: records[0]?.stream ?? '' }, 9)).map(({ sequence }) => sequence);
    expect(await fed(holed)).toEqual([1]);
    expect(await fed(whole)).toEqual([1]);
    expect(lines[0]).toMatchObject({ message: 'the feed waits', fields: { after: 1, found: 3 } });
    await putRecords(mine.client, mine.tables.commands, holed.slice(1, 2));
    await appendBatch([hint(holed, 2)], deps);
    expect(await fed(holed)).toEqual([1, 2, 3]);
  });

  it('brings the batch again when nothing can be written', async () => {
    const records = await given(1);
    const { deps } = appender();
    const blocked: Appender = { ...deps, feed: { ...deps.feed, append: async () => false } };
    await expect(appendBatch([hint(records, 1)], blocked)).rejects.toThrow('head of the feed');
  });
});
