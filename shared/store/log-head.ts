import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { HASH_BYTES, sameBytes } from '../tlog/merkle.ts';
import { LOG_HEAD } from './keys.ts';

/** How far the log goes. */
export interface Head {
  size: number;
  root: Uint8Array;
  /** The roots of the complete subtrees, largest first: enough to go on. */
  range: Uint8Array[];
  /** Up to where tiles, log items and checkpoint are out: the size, or that of the batch before. */
  published: number;
  /** The signed checkpoint of `size`, without cosignatures. */
  note: string;
  /** The time of the last batch; it never goes back. */
  time: string;
  /** No entry waited longer than this for its batch, ever: what was recorded at a time is in a batch at most so much later. */
  maxDelayMs: number;
  /** Grows with each batch. */
  version: number;
}

export interface LogHead {
  /** Null before the first batch; read consistently. */
  read(): Promise<Head | null>;
  /** Goes on from a head (null for the first) that still stands. False where it is another by now, and not this one. */
  advance(from: Head | null, to: Omit<Head, 'version'>): Promise<boolean>;
  /** Notes that everything up to a size is out. */
  publish(size: number): Promise<void>;
}

export function logHead(client: DynamoDBClient, table: string): LogHead {
  const Key = { pk: { S: LOG_HEAD.pk }, sk: { S: LOG_HEAD.sk } };
  const store: LogHead = {
    async read() {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, ConsistentRead: true, Key }));
      return Item ? fromItem(Item) : null;
    },
    async advance(from, to) {
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: { ...Key, ...toItem({ ...to, version: (from?.version ?? 0) + 1 }) },
            ...(from
              ? {
                  ConditionExpression: 'version = :version',
                  ExpressionAttributeValues: { ':version': { N: String(from.version) } },
                }
              : { ConditionExpression: 'attribute_not_exists(pk)' }),
          }),
        );
        return true;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        // The answer to our own put may have been lost, and the client put again.
        const standing = await store.read();
        return (
          standing?.version === (from?.version ?? 0) + 1 &&
          standing.size === to.size &&
          standing.time === to.time &&
          sameBytes(standing.root, to.root)
        );
      }
    },
    async publish(size) {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key,
            UpdateExpression: 'SET published = :size',
            ConditionExpression: '#size = :size',
            ExpressionAttributeNames: { '#size': 'size' },
            ExpressionAttributeValues: { ':size': { N: String(size) } },
          }),
        );
      } catch (error) {
        // Somebody else published it and went on.
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
  return store;
}

const toItem = ({ size, root, range, published, note, time, maxDelayMs, version }: Head) => ({
  size: { N: String(size) },
  root: { B: root },
  range: { B: Buffer.concat(range) },
  published: { N: String(published) },
  note: { S: note },
  time: { S: time },
  maxDelayMs: { N: String(maxDelayMs) },
  version: { N: String(version) },
});

function fromItem(item: Record<string, AttributeValue>): Head {
  const range = Buffer.from(item['range']?.B ?? []);
  return {
    size: Number(item['size']?.N),
    root: Buffer.from(item['root']?.B ?? []),
    range: Array.from({ length: Math.floor(range.length / HASH_BYTES) }, (_, at) =>
      range.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
    ),
    published: Number(item['published']?.N),
    note: item['note']?.S ?? '',
    time: item['time']?.S ?? '',
    maxDelayMs: Number(item['maxDelayMs']?.N),
    version: Number(item['version']?.N),
  };
}
