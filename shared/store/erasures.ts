import { type DynamoDBClient, paginateQuery, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { ERASURE_REASONS } from '../commitment/erasure.ts';
import type { Actor } from '../commitment/event.ts';
import { batchGet, doc } from './commitments.ts';
import { type Claim, idempotencyItem, type Seen, seen } from './idempotency.ts';
import { ERASURE, ERASURES } from './keys.ts';
import { type Item, transact } from './transaction.ts';

/** What is to be erased: the person behind a pseudonym, or one text of one record. */
export type Subject =
  | { kind: 'person'; person: string }
  | { kind: 'text'; stream: string; sequence: number; path: string };

/** Two people: one asks, another decides. */
export interface Erasure {
  id: string;
  subject: Subject;
  reasonCode: (typeof ERASURE_REASONS)[number];
  state: 'requested' | 'approved' | 'rejected' | 'erased';
  requestedBy: Actor;
  requestedAt: string;
  decidedBy: Actor | null;
  decidedAt: string | null;
  /** When it was carried out, and when it was looked after once more. */
  erasedAt: string | null;
  settledAt: string | null;
}

export type Asked = { outcome: 'written' } | { outcome: 'seen'; seen: Seen } | { outcome: 'stale' };

export interface Erasures {
  one(id: string): Promise<Erasure | null>;
  /** Newest first. */
  all(): Promise<Erasure[]>;
  seen(claim: Claim): Promise<Seen | null>;
  /**
   * Writes `after` with the record for the trail and, for a command, its idempotency record: all, or none. `before` is what has to
   * stand there.
   */
  write(
    before: Erasure | null,
    after: Erasure,
    act: TransactWriteItem,
    command?: { claim: Claim; commandId: string; time: string },
  ): Promise<Asked>;
  /** Notes that it was looked after once more; nothing that anyone has to be told. */
  settle(erasure: Erasure, at: string): Promise<void>;
}

export function erasures(client: DynamoDBClient, table: string): Erasures {
  const put = (after: Erasure, before: Erasure | null): TransactWriteItem => ({
    Put: {
      TableName: table,
      Item: itemOf(after),
      ...(before
        ? {
            ConditionExpression: 'doc = :before',
            ExpressionAttributeValues: { ':before': { S: JSON.stringify(before) } },
          }
        : { ConditionExpression: 'attribute_not_exists(pk)' }),
    },
  });
  return {
    async one(id) {
      const [item] = await batchGet(client, table, [{ pk: id, sk: ERASURE }]);
      return item ? doc<Erasure>(item) : null;
    },
    async all() {
      const found: Erasure[] = [];
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          IndexName: 'byResponse',
          KeyConditionExpression: 'gpk = :all',
          ExpressionAttributeValues: { ':all': { S: ERASURES } },
          ScanIndexForward: false,
        },
      );
      for await (const { Items = [] } of pages) found.push(...Items.map((item) => doc<Erasure>(item)));
      return found;
    },
    async seen({ key }) {
      const [item] = await batchGet(client, table, [key]);
      return item ? seen(item) : null;
    },
    async write(before, after, act, command) {
      const { id } = after;
      const failed = await transact(client, [
        put(after, before),
        act,
        ...(command
          ? [
              {
                Put: {
                  TableName: table,
                  Item: idempotencyItem(
                    command.claim,
                    { commandId: command.commandId, stream: id, first: 1, last: 1 },
                    command.time,
                  ),
                  ConditionExpression: 'attribute_not_exists(pk)',
                  ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
                },
              },
            ]
          : []),
      ]);
      if (!failed) return { outcome: 'written' };
      const used = command && (await this.seen(command.claim));
      if (!used) return { outcome: 'stale' };
      // The SDK retries a call whose answer was lost: then the record that stands in the way is our own.
      return used.commandId === command.commandId ? { outcome: 'written' } : { outcome: 'seen', seen: used };
    },
    async settle(erasure, at) {
      await transact(client, [put({ ...erasure, settledAt: at }, erasure)]);
    },
  };
}

const itemOf = (erasure: Erasure): Item => ({
  pk: { S: erasure.id },
  sk: { S: ERASURE },
  gpk: { S: ERASURES },
  gsk: { S: erasure.id },
  doc: { S: JSON.stringify(erasure) },
});
