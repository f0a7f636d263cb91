import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { WITNESSES } from './keys.ts';

/** What is known of a witness. */
export interface KnownWitness {
  /** Its vkey, pinned when it was first heard of. */
  key: string;
  /** The size that it cosigned last; 0 where none is known. */
  size: number;
}

export interface LogWitnesses {
  one(url: string): Promise<KnownWitness | null>;
  /** Pins a key, unless one is pinned: answers the one that is. */
  pin(url: string, key: string): Promise<string>;
  cosigned(url: string, size: number): Promise<void>;
}

export function logWitnesses(client: DynamoDBClient, table: string): LogWitnesses {
  const keyOf = (url: string) => ({ pk: { S: WITNESSES }, sk: { S: url } });
  const store: LogWitnesses = {
    async one(url) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, ConsistentRead: true, Key: keyOf(url) }),
      );
      return Item ? { key: Item['key']?.S ?? '', size: Number(Item['cosigned']?.N ?? 0) } : null;
    },
    async pin(url, key) {
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: { ...keyOf(url), key: { S: key } },
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        );
        return key;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        return (await store.one(url))?.key ?? key;
      }
    },
    async cosigned(url, size) {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyOf(url),
          UpdateExpression: 'SET cosigned = :size',
          ExpressionAttributeValues: { ':size': { N: String(size) } },
        }),
      );
    },
  };
  return store;
}
