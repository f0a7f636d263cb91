import {
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { doc } from './commitments.ts';
import { DIRECTORY, DIRECTORY_VERSION } from './keys.ts';

/** What a matcher has to know about a subscription that listens. */
export interface Listener {
  id: string;
  filter: Record<string, unknown> | null;
  since: string;
}

export interface Directory {
  /** Grows whenever the listeners change; read consistently. */
  directoryVersion(): Promise<number>;
  /** Every subscription that listens, read consistently. */
  listeners(): Promise<Listener[]>;
}

const VERSION_KEY = { pk: { S: DIRECTORY_VERSION.pk }, sk: { S: DIRECTORY_VERSION.sk } };

export function directory(client: DynamoDBClient, table: string): Directory {
  return {
    async directoryVersion() {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, ConsistentRead: true, Key: VERSION_KEY }),
      );
      return Number(Item?.['n']?.N ?? 0);
    },

    async listeners() {
      const found: Listener[] = [];
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :directory AND begins_with(sk, :subscription)',
          ExpressionAttributeValues: { ':directory': { S: DIRECTORY }, ':subscription': { S: 'sub_' } },
        },
      );
      for await (const { Items = [] } of pages) found.push(...Items.map((item) => doc<Listener>(item)));
      return found;
    },
  };
}

/** What a change of a subscription writes into the directory: nothing where it listens as before. */
export function directoryChange(
  table: string,
  before: Listener | null,
  after: Listener | null,
): TransactWriteItem[] {
  const entry = after ?? before;
  if (!entry || JSON.stringify(before) === JSON.stringify(after)) return [];
  const key = { pk: { S: DIRECTORY }, sk: { S: entry.id } };
  const next: TransactWriteItem = {
    Update: {
      TableName: table,
      Key: VERSION_KEY,
      UpdateExpression: 'ADD #n :one',
      ExpressionAttributeNames: { '#n': 'n' },
      ExpressionAttributeValues: { ':one': { N: '1' } },
    },
  };
  if (!after) return [{ Delete: { TableName: table, Key: key } }, next];
  return [{ Put: { TableName: table, Item: { ...key, doc: { S: JSON.stringify(after) } } } }, next];
}
