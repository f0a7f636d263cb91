import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import type { EventRecord } from '../record/event-record.ts';
import { batchGet } from './commitments.ts';
import { EVENT_PREFIX, eventKey, REFUSAL_PREFIX, refusalKey } from './keys.ts';
import type { Item } from './transaction.ts';

type Attributes = Record<string, AttributeValue>;

export interface Events {
  /** Records of a stream in order, after a sequence (0 for the first), at most `limit`; read consistently. */
  after(stream: string, sequence: number, limit: number): Promise<EventRecord[]>;
  /** All records of a stream after a sequence (0, the default, for all), in order, so many at a read, or what fits in its 1 MB. */
  all(stream: string, after?: number, atOnce?: number): AsyncGenerator<EventRecord>;
  one(stream: string, sequence: number): Promise<EventRecord | null>;
  /** The last record of a stream; null where it has none. */
  last(stream: string): Promise<EventRecord | null>;
  /** Records by place, in the order asked; missing ones are left out. */
  many(places: readonly { stream: string; sequence: number }[]): Promise<EventRecord[]>;
}

/** Event records, or the refusal records, which stand in streams of their own. */
export function events(client: DynamoDBClient, table: string, kind: 'event' | 'refusal' = 'event'): Events {
  const keyOf = kind === 'event' ? eventKey : refusalKey;
  const prefix = kind === 'event' ? EVENT_PREFIX : REFUSAL_PREFIX;
  const input = (stream: string, after: number) => ({
    TableName: table,
    ConsistentRead: true,
    KeyConditionExpression: 'pk = :stream AND sk BETWEEN :after AND :end',
    ExpressionAttributeValues: {
      ':stream': { S: stream },
      ':after': { S: keyOf(stream, after + 1).sk },
      ':end': { S: `${prefix}9999999999` },
    },
  });
  const store: Events = {
    async after(stream, sequence, limit) {
      const found: EventRecord[] = [];
      for await (const record of store.all(stream, sequence, limit)) {
        found.push(record);
        if (found.length === limit) break;
      }
      return found;
    },
    async *all(stream, after = 0, atOnce) {
      const pages = paginateQuery({ client, ...(atOnce && { pageSize: atOnce }) }, input(stream, after));
      for await (const { Items = [] } of pages) for (const item of Items) yield fromItem(item);
    },
    async one(stream, sequence) {
      const { pk, sk } = keyOf(stream, sequence);
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, ConsistentRead: true, Key: { pk: { S: pk }, sk: { S: sk } } }),
      );
      return Item ? fromItem(Item) : null;
    },
    async last(stream) {
      const { Items: [item] = [] } = await client.send(
        new QueryCommand({ ...input(stream, 0), Limit: 1, ScanIndexForward: false }),
      );
      return item ? fromItem(item) : null;
    },
    async many(places) {
      const keys = places.map(({ stream, sequence }) => keyOf(stream, sequence));
      const found = new Map(
        (await batchGet(client, table, keys))
          .map(fromItem)
          .map((record) => [`${record.stream}/${record.sequence}`, record]),
      );
      return places.flatMap(({ stream, sequence }) => found.get(`${stream}/${sequence}`) ?? []);
    },
  };
  return store;
}

export const eventItem = (record: EventRecord): Item =>
  recordItem(eventKey(record.stream, record.sequence), record);

export function recordItem(key: { pk: string; sk: string }, { bytes, hash, texts }: EventRecord): Item {
  return {
    pk: { S: key.pk },
    sk: { S: key.sk },
    bytes: { S: bytes },
    hash: { B: Buffer.from(hash, 'hex') },
    ...(Object.keys(texts).length > 0 && { texts: { S: JSON.stringify(texts) } }),
  };
}

/** A record (event or refusal) from its item, as DynamoDB or its stream gives it. */
export function fromItem(item: Attributes): EventRecord {
  const sk = item['sk']?.S ?? '';
  const prefix = sk.startsWith(REFUSAL_PREFIX) ? REFUSAL_PREFIX : EVENT_PREFIX;
  // A stream's record as Lambda gets it carries binaries in base64.
  const hash = item['hash']?.B as Uint8Array | string | undefined;
  const bytes = typeof hash === 'string' ? Buffer.from(hash, 'base64') : Buffer.from(hash ?? []);
  return {
    stream: item['pk']?.S ?? '',
    sequence: Number(sk.slice(prefix.length)),
    bytes: item['bytes']?.S ?? '',
    hash: bytes.toString('hex'),
    texts: JSON.parse(item['texts']?.S ?? '{}') as EventRecord['texts'],
  };
}
