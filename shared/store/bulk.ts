import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { inParallel } from '../runtime/parallel.ts';
import type { Key } from './keys.ts';

/** BatchWriteItem takes 25 items a call. */
const BATCH = 25;
const AT_ONCE = 8;

/** Removes items; one that is gone already does no harm. */
export async function removeAll(client: DynamoDBClient, table: string, keys: readonly Key[]): Promise<void> {
  const batches = Array.from({ length: Math.ceil(keys.length / BATCH) }, (_, at) =>
    keys
      .slice(at * BATCH, (at + 1) * BATCH)
      .map(({ pk, sk }): WriteRequest => ({ DeleteRequest: { Key: { pk: { S: pk }, sk: { S: sk } } } })),
  );
  await inParallel(batches, AT_ONCE, async (batch) => {
    for (let waiting: WriteRequest[] = batch; waiting.length > 0; ) {
      const { UnprocessedItems } = await client.send(
        new BatchWriteItemCommand({ RequestItems: { [table]: waiting } }),
      );
      waiting = UnprocessedItems?.[table] ?? [];
    }
  });
}
