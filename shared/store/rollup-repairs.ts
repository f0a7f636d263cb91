import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { LEASE, REGISTER, REPAIRS, rollupKeyOf } from './keys.ts';
import { pack } from './packed-days.ts';
import { type GroupCounters, type Guard, guardItem, key, MAX_ITEMS, query } from './rollups.ts';
import { transact } from './transaction.ts';

/** What a rebuild of the totals needs beside what a projection does. */
export interface RollupRepairs {
  /** Takes the lease until then (epoch milliseconds): while it is held, its holder alone writes. False where another holds it. */
  lease(holder: string, now: number, until: number): Promise<boolean>;
  release(holder: string): Promise<void>;
  /** Every commitment that has a node; read consistently. */
  registered(): Promise<{ responseId: string; id: string }[]>;
  /** Puts groups as they have to be; one without counters goes. False where the lease is gone. */
  replace(
    groups: readonly (readonly [id: string, counters: GroupCounters])[],
    guard: Guard,
  ): Promise<boolean>;
}

export function rollupRepairs(client: DynamoDBClient, table: string): RollupRepairs {
  return {
    async lease(holder, now, until) {
      const failed = await transact(client, [
        {
          Put: {
            TableName: table,
            Item: { ...key(LEASE), holder: { S: holder }, until: { N: String(until) } },
            ConditionExpression: 'attribute_not_exists(pk) OR #until <= :now',
            ExpressionAttributeNames: { '#until': 'until' },
            ExpressionAttributeValues: { ':now': { N: String(now) } },
          },
        },
      ]);
      return failed === null;
    },

    async release(holder) {
      await transact(client, [
        {
          Delete: {
            TableName: table,
            Key: key(LEASE),
            ConditionExpression: '#holder = :holder',
            ExpressionAttributeNames: { '#holder': 'holder' },
            ExpressionAttributeValues: { ':holder': { S: holder } },
          },
        },
      ]);
    },

    async registered() {
      const items = await query(client, table, REGISTER);
      return items.map((item) => {
        const [responseId = '', id = ''] = (item['sk']?.S ?? '').split('#');
        return { responseId, id };
      });
    },

    async replace(groups, guard) {
      for (let from = 0; from < groups.length; from += MAX_ITEMS) {
        const items = groups
          .slice(from, from + MAX_ITEMS)
          .map(([id, counters]) => groupItem(table, id, counters));
        const told = items.length > 0 ? [countRepair(table)] : [];
        if (await transact(client, [guardItem(table, guard), ...items, ...told])) return false;
      }
      return true;
    },
  };
}

const countRepair = (table: string): TransactWriteItem => ({
  Update: {
    TableName: table,
    Key: key(REPAIRS),
    UpdateExpression: 'ADD #count :one',
    ExpressionAttributeNames: { '#count': 'count' },
    ExpressionAttributeValues: { ':one': { N: '1' } },
  },
});

function groupItem(table: string, id: string, counters: GroupCounters): TransactWriteItem {
  const at = key(rollupKeyOf(id));
  const entries = pack(counters);
  if (entries.length === 0) return { Delete: { TableName: table, Key: at } };
  const attributes = entries.map(([name, value]) => [name, { N: value }] as const);
  return { Put: { TableName: table, Item: { ...at, ...Object.fromEntries(attributes) } } };
}
