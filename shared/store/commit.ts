import type { AttributeValue, DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { EventRecord } from '../record/event-record.ts';
import { eventItem } from './events.ts';
import { type Claim, idempotencyItem, type Seen, seen } from './idempotency.ts';
import { type Item, transact } from './transaction.ts';

/** Everything one command decided. */
export interface Change {
  /** Items of the new state, the versioned one first. */
  state: Item[];
  /** The version the decision was made on; 0 for something new. */
  expected: number;
  records: EventRecord[];
  claim: Claim;
  commandId: string;
  time: string;
}

export type Committed =
  | { outcome: 'committed' }
  /** Somebody else changed the state first; `version` is the one that stands. */
  | { outcome: 'stale'; version: number }
  /** The key was used meanwhile, for this. */
  | { outcome: 'seen'; seen: Seen };

/** Writes state, event records and idempotency record: all, or none. */
export async function commit(client: DynamoDBClient, table: string, change: Change): Promise<Committed> {
  const { state, expected, records, claim, commandId, time } = change;
  const [first, last] = [records[0], records.at(-1)];
  if (!first || !last) throw new RangeError('a change without an event');
  const answer = { commandId, stream: first.stream, first: first.sequence, last: last.sequence };
  const fresh = (item: Item): TransactWriteItem => put(table, item, 'attribute_not_exists(pk)');
  const [head, ...parts] = state;
  const items: TransactWriteItem[] = [
    {
      Put: {
        TableName: table,
        Item: idempotencyItem(claim, answer, time),
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    },
    ...(head ? [versioned(table, head, expected)] : []),
    ...parts.map((item) => put(table, item)),
    ...records.map((record) => fresh(eventItem(record))),
  ];
  const failed = await transact(client, items);
  if (!failed) return { outcome: 'committed' };
  if (failed.index === 0) {
    const other = seen(failed.item as Record<string, AttributeValue>);
    // The SDK retries a call whose answer was lost: then the record that stands in the way is our own.
    return other.commandId === commandId ? { outcome: 'committed' } : { outcome: 'seen', seen: other };
  }
  const standing = failed.item?.['version'] as { N?: string } | undefined;
  return { outcome: 'stale', version: Number(standing?.N ?? 0) };
}

function versioned(table: string, item: Item, expected: number): TransactWriteItem {
  if (expected === 0) return put(table, item, 'attribute_not_exists(pk)');
  return {
    Put: {
      TableName: table,
      Item: item,
      ConditionExpression: 'version = :expected',
      ExpressionAttributeValues: { ':expected': { N: String(expected) } },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
}

const put = (table: string, item: Item, condition?: string): TransactWriteItem => ({
  Put: { TableName: table, Item: item, ...(condition && { ConditionExpression: condition }) },
});
