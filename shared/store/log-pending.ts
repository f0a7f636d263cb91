import {
  type AttributeValue,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { removeAll } from './bulk.ts';
import { type Key, PENDING, pendingSk, QUARANTINE } from './keys.ts';
import { transact } from './transaction.ts';

/** The marker of an entry that waits for its place in the log. */
export interface Waiting {
  /** The marker's own sort key. */
  marker: string;
  /** Where the entry stands. */
  key: Key;
}

export interface LogPending {
  /** Marks an entry; marked again, it is the same. */
  put(entry: Key, recordedAt: string): Promise<void>;
  /** Markers after one (null for the first), the oldest first, at most `limit`; read consistently. */
  after(marker: string | null, limit: number): Promise<Waiting[]>;
  remove(markers: readonly string[]): Promise<void>;
  /** Puts a marker out of the way for good. */
  quarantine(waiting: Waiting, code: string): Promise<void>;
}

export function logPending(client: DynamoDBClient, table: string): LogPending {
  return {
    async put(entry, recordedAt) {
      const Item = toItem(PENDING, pendingSk(recordedAt, entry), entry);
      await client.send(new PutItemCommand({ TableName: table, Item }));
    },
    async after(marker, limit) {
      const found: Waiting[] = [];
      let start: Record<string, AttributeValue> | undefined =
        marker === null ? undefined : { pk: { S: PENDING }, sk: { S: marker } };
      do {
        const { Items = [], LastEvaluatedKey } = await client.send(
          new QueryCommand({
            TableName: table,
            ConsistentRead: true,
            KeyConditionExpression: 'pk = :pending',
            ExpressionAttributeValues: { ':pending': { S: PENDING } },
            Limit: limit - found.length,
            ExclusiveStartKey: start,
          }),
        );
        found.push(...Items.map(fromItem));
        start = LastEvaluatedKey;
      } while (start && found.length < limit);
      return found;
    },
    remove: (markers) =>
      removeAll(
        client,
        table,
        markers.map((sk) => ({ pk: PENDING, sk })),
      ),
    async quarantine({ marker, key }, code) {
      const Item = { ...toItem(QUARANTINE, marker, key), code: { S: code } };
      await transact(client, [
        { Put: { TableName: table, Item } },
        { Delete: { TableName: table, Key: { pk: { S: PENDING }, sk: { S: marker } } } },
      ]);
    },
  };
}

const toItem = (pk: string, sk: string, entry: Key) => ({
  pk: { S: pk },
  sk: { S: sk },
  stream: { S: entry.pk },
  place: { S: entry.sk },
});

const fromItem = (item: Record<string, AttributeValue>): Waiting => ({
  marker: item['sk']?.S ?? '',
  key: { pk: item['stream']?.S ?? '', sk: item['place']?.S ?? '' },
});
