import {
  type AttributeValue,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { BATCHES, indexText, TIMES, timesSk } from './keys.ts';

/** A batch that is published: entries `first` to before `size`. */
export interface Batch {
  first: number;
  size: number;
  /** At or after the time at which any of its entries was recorded, and the time of any batch before. */
  time: string;
  /** When its newest entry was recorded. */
  maxRecordedAt: string;
  /** The longest wait of an entry in it, from when it was recorded to the time of the batch. */
  delayMs: number;
  /** The longest in it and in all batches before: whatever was recorded at a time is in a batch at most so much later. */
  maxDelayMs: number;
  /** The checkpoint as it was published, with cosignatures. */
  note: string;
}

export interface LogBatches {
  /** Put again, it is the same. */
  put(batch: Batch): Promise<void>;
  /** Batches in their order from the first that begins at an index or later, at most `limit`. */
  from(index: number, limit: number): Promise<Batch[]>;
  /** The index with which the first batch of a time or later begins; null where there is none. */
  indexAt(time: string): Promise<number | null>;
}

export function logBatches(client: DynamoDBClient, table: string): LogBatches {
  const query = (pk: string, sk: string, limit: number) =>
    client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk AND sk >= :sk',
        ExpressionAttributeValues: { ':pk': { S: pk }, ':sk': { S: sk } },
        Limit: limit,
      }),
    );
  return {
    async put(batch) {
      const { first, size, time } = batch;
      await client.send(new PutItemCommand({ TableName: table, Item: toItem(batch) }));
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: { pk: { S: TIMES }, sk: { S: timesSk(time, first) }, size: { N: String(size) } },
        }),
      );
    },
    async from(index, limit) {
      const { Items = [] } = await query(BATCHES, indexText(index), limit);
      return Items.map(fromItem);
    },
    async indexAt(time) {
      const { Items: [item] = [] } = await query(TIMES, time, 1);
      return item ? Number(item['sk']?.S?.split('#')[1]) : null;
    },
  };
}

const toItem = ({ first, size, time, maxRecordedAt, delayMs, maxDelayMs, note }: Batch) => ({
  pk: { S: BATCHES },
  sk: { S: indexText(first) },
  size: { N: String(size) },
  time: { S: time },
  maxRecordedAt: { S: maxRecordedAt },
  delayMs: { N: String(delayMs) },
  maxDelayMs: { N: String(maxDelayMs) },
  note: { S: note },
});

const fromItem = (item: Record<string, AttributeValue>): Batch => ({
  first: Number(item['sk']?.S),
  size: Number(item['size']?.N),
  time: item['time']?.S ?? '',
  maxRecordedAt: item['maxRecordedAt']?.S ?? '',
  delayMs: Number(item['delayMs']?.N),
  maxDelayMs: Number(item['maxDelayMs']?.N),
  note: item['note']?.S ?? '',
});
