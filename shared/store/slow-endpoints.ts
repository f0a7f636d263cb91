import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { SLOW } from './keys.ts';
import type { Item } from './transaction.ts';

/** An endpoint that let attempts wait: what has not been attempted yet waits until then, so that it doesn't keep others waiting. */
export interface Slow {
  url: string;
  until: string;
  /** Attempts that timed out, one after the other. */
  timeouts: number;
}

/** By the id of the subscription. */
export interface SlowEndpoints {
  keepSlow(id: string, slow: Slow): Promise<void>;
  /** Moves `until` on; true for one of those who try at the same time. */
  takeTurn(id: string, seen: Slow, until: string): Promise<boolean>;
  forgetSlow(id: string): Promise<void>;
}

export function slowEndpoints(client: DynamoDBClient, table: string): SlowEndpoints {
  return {
    async keepSlow(id, slow) {
      await client.send(new PutItemCommand({ TableName: table, Item: slowItem(id, slow) }));
    },

    async takeTurn(id, seen, until) {
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: slowItem(id, { ...seen, until }),
            ConditionExpression: 'doc = :seen',
            ExpressionAttributeValues: { ':seen': { S: JSON.stringify(seen) } },
          }),
        );
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },

    async forgetSlow(id) {
      const key = { pk: { S: id }, sk: { S: SLOW } };
      await client.send(new DeleteItemCommand({ TableName: table, Key: key }));
    },
  };
}

/** The last of it is worth nothing a day later. */
const slowItem = (id: string, slow: Slow): Item => ({
  pk: { S: id },
  sk: { S: SLOW },
  doc: { S: JSON.stringify(slow) },
  expiresAt: { N: String(Math.floor(Date.parse(slow.until) / 1000) + 86_400) },
});
