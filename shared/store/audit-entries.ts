import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { type AuditEntry, encodeEntry } from '../trail/entry.ts';
import { placeOf } from '../trail/place.ts';
import { batchGet } from './commitments.ts';
import { auditKey, ENTRY_PREFIX, type Key } from './keys.ts';
import { keyText } from './log-items.ts';

/** An entry and the exact bytes (RFC 8785) that stand for it. */
export interface Stored {
  entry: AuditEntry;
  bytes: string;
}

export interface AuditEntries {
  /** The last entry of a stream, read consistently. */
  last(stream: string): Promise<AuditEntry | null>;
  one(stream: string, sequence: number): Promise<AuditEntry | null>;
  /** Puts an entry where nothing stands yet; else answers what stands there, untouched. */
  put(entry: AuditEntry): Promise<AuditEntry | null>;
  /** The bytes that stand at keys, by `keyText`, read consistently. */
  bytesAt(keys: readonly Key[]): Promise<Map<string, string>>;
}

/** Where an entry stands: it follows from what it says. */
export function keyOf(entry: AuditEntry): Key {
  const { stream, place } = placeOf(entry);
  return { pk: stream, sk: `${ENTRY_PREFIX}${place}` };
}

/** What stands in the table of an entry: its bytes, at the key that follows from them. How it is found stands in its log item. */
export const rowOf = (bytes: string): Record<'pk' | 'sk' | 'bytes', string> => ({
  ...keyOf(JSON.parse(bytes) as AuditEntry),
  bytes,
});

export function auditEntries(client: DynamoDBClient, table: string): AuditEntries {
  return {
    async last(stream) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :stream AND begins_with(sk, :entry)',
          ExpressionAttributeValues: { ':stream': { S: stream }, ':entry': { S: ENTRY_PREFIX } },
          ScanIndexForward: false,
          Limit: 1,
        }),
      );
      return Items[0] ? stored(Items[0]).entry : null;
    },
    async one(stream, sequence) {
      const { pk, sk } = auditKey(stream, sequence);
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, ConsistentRead: true, Key: { pk: { S: pk }, sk: { S: sk } } }),
      );
      return Item ? stored(Item).entry : null;
    },
    async put(entry) {
      const { pk, sk, bytes } = rowOf(encodeEntry(entry));
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: { pk: { S: pk }, sk: { S: sk }, bytes: { S: bytes } },
            ConditionExpression: 'attribute_not_exists(pk)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return null;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException && error.Item) return stored(error.Item).entry;
        throw error;
      }
    },
    async bytesAt(keys) {
      const items = await batchGet(client, table, [...keys]);
      return new Map(
        items.map((item) => [
          keyText({ pk: item['pk']?.S ?? '', sk: item['sk']?.S ?? '' }),
          item['bytes']?.S ?? '',
        ]),
      );
    },
  };
}

const stored = (item: Record<string, AttributeValue>): Stored => {
  const bytes = item['bytes']?.S ?? '';
  return { entry: JSON.parse(bytes) as AuditEntry, bytes };
};
