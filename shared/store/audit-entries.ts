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
import { type AuditFilter, expression, type Order, partitions, startKey } from './audit-filter.ts';
import { batchGet } from './commitments.ts';
import { auditKey, ENTRY_PREFIX, type Key } from './keys.ts';
import { keyText } from './log-items.ts';

/** An entry and the exact bytes (RFC 8785) that stand for it. */
export interface Stored {
  entry: AuditEntry;
  bytes: string;
}

export interface AuditPage {
  entries: Stored[];
  /** The place after which the next page begins; null at the end. A page may be short, or empty, before the end. */
  next: string | null;
}

export interface AuditEntries {
  /** The last entry of a stream, read consistently. */
  last(stream: string): Promise<AuditEntry | null>;
  one(stream: string, sequence: number): Promise<AuditEntry | null>;
  /** Puts an entry where nothing stands yet; else answers what stands there, untouched. */
  put(entry: AuditEntry): Promise<AuditEntry | null>;
  /** The bytes that stand at keys, by `keyText`, read consistently. */
  bytesAt(keys: readonly Key[]): Promise<Map<string, string>>;
  page(
    filter: AuditFilter,
    paging: { order: Order; limit: number; after: string | null; now: string },
  ): Promise<AuditPage>;
}

/** Where an entry stands: it follows from what it says. */
export function keyOf(entry: AuditEntry): Key {
  const { stream, place } = placeOf(entry);
  return { pk: stream, sk: `${ENTRY_PREFIX}${place}` };
}

/**
 * The columns of an entry: everything beside its bytes follows from them. A year is one partition of `byTime`: DynamoDB splits a hot
 * one by its sort key.
 */
export function columns(bytes: string): Record<string, string> {
  const entry = JSON.parse(bytes) as AuditEntry;
  const { action, outcome, actor, target, recordedAt } = entry;
  const { pk, sk } = keyOf(entry);
  return {
    pk,
    sk,
    year: recordedAt.slice(0, 4),
    at: `${recordedAt}#${pk}#${sk}`,
    target: target.id,
    actor: actor.id,
    action,
    ...(outcome !== 'success' && { exception: outcome }),
  };
}

/** @param lookAt entries that one page may look at before it answers what it has found. */
export function auditEntries(client: DynamoDBClient, table: string, lookAt = 4000): AuditEntries {
  const store: AuditEntries = {
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
      const bytes = encodeEntry(entry);
      const Item = Object.fromEntries(
        Object.entries({ ...columns(bytes), bytes }).map(([name, value]) => [name, { S: value }]),
      );
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item,
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
    async page(filter, { order, limit, after, now }) {
      const entries: Stored[] = [];
      let looked = 0;
      let start = after;
      for (const partition of partitions(filter, order, after, now)) {
        for (;;) {
          const {
            Items = [],
            LastEvaluatedKey,
            ScannedCount = 0,
          } = await client.send(
            new QueryCommand({
              TableName: table,
              ...expression(filter, partition),
              ScanIndexForward: order === 'asc',
              // One more than asked tells whether there is a next page.
              Limit: partition.filters.length > 0 ? Math.min(1000, lookAt) : limit + 1 - entries.length,
              ...(start !== null && { ExclusiveStartKey: startKey(partition, start) }),
            }),
          );
          looked += ScannedCount;
          entries.push(...Items.map(stored));
          if (entries.length > limit) return cut(entries, limit);
          start = LastEvaluatedKey?.['at']?.S ?? null;
          if (start === null) break;
          if (looked >= lookAt) return { entries, next: start };
        }
      }
      return { entries, next: null };
    },
  };
  return store;
}

const stored = (item: Record<string, AttributeValue>): Stored => {
  const bytes = item['bytes']?.S ?? '';
  return { entry: JSON.parse(bytes) as AuditEntry, bytes };
};

const cut = (entries: Stored[], limit: number): AuditPage => {
  const shown = entries.slice(0, limit);
  const last = shown.at(-1);
  return { entries: shown, next: last ? (columns(last.bytes)['at'] ?? null) : null };
};
