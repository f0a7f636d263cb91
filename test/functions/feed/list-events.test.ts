import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendBatch } from '../../../functions/feed/append-batch.ts';
import { listEvents } from '../../../functions/feed/list-events.ts';
import { EVENT_TYPES } from '../../../shared/commitment/event.ts';
import type { Answer } from '../../../shared/lambda/http.ts';
import type { EventRecord } from '../../../shared/record/event-record.ts';
import { type CloudEvent, cloudEvent } from '../../../shared/store/cloud-event.ts';
import { eventItem, events } from '../../../shared/store/events.ts';
import { feed } from '../../../shared/store/feed.ts';
import { callOf } from '../../kit/call.ts';
import { startTables, type Tables } from '../../kit/dynamodb.ts';
import { chained, logged, messageOf, progressOf, putRecords } from '../../kit/records.ts';

interface Page {
  data: CloudEvent[];
  next_cursor: string;
}

let mine: Tables;
let records: EventRecord[][];
let deps: { feed: ReturnType<typeof feed>; events: ReturnType<typeof events> };
let all: CloudEvent[];

const append = (list: EventRecord[]) =>
  appendBatch(
    list.map((record) => messageOf(record, 'm')),
    { ...deps, log: logged().log },
  );

const changed = {
  type: EVENT_TYPES.statusChanged,
  data: { from: 'not_started', to: 'in_progress' },
} as const;

beforeAll(async () => {
  mine = await startTables();
  const { client, tables } = mine;
  deps = { feed: feed(client, tables.feed), events: events(client, tables.commands) };
  records = ['cmt_a', 'cmt_b', 'cmt_c'].map((stream) =>
    chained(stream, [progressOf(1), changed, progressOf(3), progressOf(4)]),
  );
  await putRecords(client, tables.commands, records.flat());
  for (const list of records) await append(list);
  all = records.flat().map(cloudEvent);
});
afterAll(() => mine.stop());

const get = (target: string): Promise<Answer> => listEvents(deps)(callOf(target));
const read = async (target: string): Promise<Page> => {
  const answer = await get(target);
  expect(answer.status).toBe(200);
  return answer.body as Page;
};

describe('pulling events', () => {
  it('gives CloudEvents in order, and a cursor to ask again with', async () => {
    const first = await read('/v1/events');
    expect(first.data).toEqual(all);
    const second = await read(`/v1/events?after=${first.next_cursor}`);
    expect(second).toEqual({ data: [], next_cursor: first.next_cursor });
    expect(await read(`/v1/events?cursor=${first.next_cursor}`)).toEqual(second);
  });

  it('answers every filter and page size alike, following the links', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('', 'cmt_a', 'cmt_c', 'cmt_none'),
        fc.constantFrom('', EVENT_TYPES.progressReported, EVENT_TYPES.statusChanged, 'none'),
        fc.integer({ min: 1, max: 7 }),
        async (subject, type, limit) => {
          const query = new URLSearchParams({
            ...(subject && { subject }),
            ...(type && { type }),
            limit: `${limit}`,
          });
          const seen: CloudEvent[] = [];
          for (let next = `/v1/events?${query}`; ; ) {
            const { headers, body } = await get(next);
            const { data } = body as Page;
            seen.push(...data);
            expect(headers?.['cache-control']).toBe(
              data.length === limit ? 'public, max-age=60' : 'no-cache',
            );
            if (data.length < limit) break;
            next = /^<(.+)>; rel="next"$/.exec(headers?.['link'] ?? '')?.[1] ?? '';
          }
          expect(seen).toEqual(
            all.filter((event) => (!subject || event.subject === subject) && (!type || event.type === type)),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('shows what came since, once, to a reader that was at the end', async () => {
    const { next_cursor } = await read('/v1/events?subject=cmt_late');
    const late = chained('cmt_late', [progressOf(1)]);
    await putRecords(mine.client, mine.tables.commands, late);
    await append(late);
    const { data } = await read(`/v1/events?subject=cmt_late&after=${next_cursor}`);
    expect(data.map(({ id }) => id)).toEqual(['cmt_late/1']);
  });

  it('shows a redaction: the content is read where it stands', async () => {
    const [record] = records[1] ?? [];
    if (!record) throw new Error('no record');
    await mine.client.send(
      new PutItemCommand({ TableName: mine.tables.commands, Item: eventItem({ ...record, texts: {} }) }),
    );
    const { data } = await read('/v1/events?subject=cmt_b&limit=1');
    expect(data[0]?.data).toMatchObject({ narrative: null, progress: 1 });
  });

  it('cuts a page that would not fit in an answer, and goes on behind it', async () => {
    const long = chained(
      'cmt_long',
      Array.from({ length: 20 }, (_, n) => progressOf(n, 'x'.repeat(390_000))),
    );
    await putRecords(mine.client, mine.tables.commands, long);
    await append(long.slice(0, 1));
    const first = await read('/v1/events?subject=cmt_long&limit=200');
    expect(first.data.length).toBeLessThan(20);
    expect(JSON.stringify(JSON.stringify(first)).length).toBeLessThan(6_000_000);
    const second = await read(`/v1/events?subject=cmt_long&limit=200&after=${first.next_cursor}`);
    expect([...first.data, ...second.data].map(({ sequence }) => sequence)).toEqual(
      long.map(({ sequence }) => sequence),
    );
  });

  it.each([
    ['?colour=blue', '/colour'],
    ['?limit=0', '/limit'],
    ['?limit=x', '/limit'],
    ['?after=abc', '/after'],
    ['?after=', '/after'],
    ['?type=', '/type'],
    [`?subject=${'x'.repeat(201)}`, '/subject'],
    ['?cursor=abc', '/after'],
  ])('does not guess what %s means', async (search, pointer) => {
    const { status, body } = await get(`/v1/events${search}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'malformed-query', errors: [{ pointer }] });
  });
});
