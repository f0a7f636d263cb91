import { setTimeout as delay } from 'node:timers/promises';
import {
  type DynamoDBClient,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';

export type Item = Record<string, { S: string } | { N: string } | { B: Uint8Array }>;

/** The index in the transaction of the first item whose condition failed, with what stood there; null when it was written. */
export interface Failed {
  index: number;
  item: Record<string, unknown> | undefined;
}

/** Two transactions on one item at a time: neither is wrong, so the loser tries again. */
const CONFLICT_ATTEMPTS = 8;

/** Thrown when a transaction kept conflicting with others on the same items. */
export class Contention extends Error {
  override name = 'Contention';
}

/**
 * Writes all items or none.
 * @returns null when written, else the first failed condition.
 * @throws Contention when it lost to other transactions every time; any other error of the SDK as it is.
 */
export async function transact(client: DynamoDBClient, items: TransactWriteItem[]): Promise<Failed | null> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.send(new TransactWriteItemsCommand({ TransactItems: items }));
      return null;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      const reasons = error.CancellationReasons ?? [];
      const index = reasons.findIndex(({ Code }) => Code === 'ConditionalCheckFailed');
      if (index >= 0) return { index, item: reasons[index]?.Item };
      const passing = reasons.every(({ Code }) => !Code || Code === 'None' || PASSING.has(Code));
      if (!passing || reasons.length === 0) throw error;
      if (attempt === CONFLICT_ATTEMPTS) throw new Contention(`lost ${attempt} times`, { cause: error });
      await delay(Math.random() * 10 * 2 ** attempt);
    }
  }
}

const PASSING = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);
