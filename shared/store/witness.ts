import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { witnessKey } from './keys.ts';

/** What a witness remembers of a log: the newest checkpoint that it cosigned, or was about to. */
export interface Witnessed {
  size: number;
  root: Uint8Array;
  /** Of its newest cosignature, in whole seconds since 1970; never goes back. */
  time: number;
  /** The key under which the log first came, as a vkey text. */
  logKey: string;
}

export interface WitnessStore {
  /** Null where no checkpoint of the log was ever cosigned. */
  read(origin: string): Promise<Witnessed | null>;
  /** Goes from what was read to the next checkpoint. False where it is no longer what was read: then nothing is written. */
  advance(origin: string, from: Witnessed | null, to: Witnessed): Promise<boolean>;
}

export const witnessStore = (client: DynamoDBClient, table: string): WitnessStore => ({
  async read(origin) {
    const { pk, sk } = witnessKey(origin);
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, ConsistentRead: true, Key: { pk: { S: pk }, sk: { S: sk } } }),
    );
    if (!Item) return null;
    return {
      size: Number(Item['size']?.N),
      root: Item['root']?.B ?? new Uint8Array(),
      time: Number(Item['time']?.N),
      logKey: Item['logKey']?.S ?? '',
    };
  },
  async advance(origin, from, { size, root, time, logKey }) {
    const { pk, sk } = witnessKey(origin);
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            pk: { S: pk },
            sk: { S: sk },
            size: { N: String(size) },
            root: { B: root },
            time: { N: String(time) },
            logKey: { S: logKey },
          },
          ...(from
            ? {
                ConditionExpression: '#size = :size AND root = :root',
                ExpressionAttributeNames: { '#size': 'size' },
                ExpressionAttributeValues: { ':size': { N: String(from.size) }, ':root': { B: from.root } },
              }
            : { ConditionExpression: 'attribute_not_exists(pk)' }),
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  },
});
