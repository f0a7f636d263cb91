import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { Contention, transact } from './transaction.ts';

/** Makes the put that records something for the trail, at the end of its stream as it is now. */
export type Told = () => Promise<TransactWriteItem>;

/** Writers of one stream race for its next place. */
const ATTEMPTS = 20;

/**
 * Writes `items` with what tells of them, all or none; where another took the place in the stream, once more.
 * @returns false where a condition of the items fails.
 * @throws Contention where others won every round.
 */
export async function writeAndTell(
  client: DynamoDBClient,
  items: readonly TransactWriteItem[],
  told: Told,
): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const failed = await transact(client, [...items, await told()]);
    if (failed?.index !== items.length) return failed === null;
  }
  throw new Contention('it could not be told to the trail');
}
