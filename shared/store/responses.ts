import { type DynamoDBClient, GetItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb';
import type { ResponseRegistered } from '../commitment/event.ts';
import { batchGet, doc } from './commitments.ts';
import { CARD, RESPONSES, SOURCE } from './keys.ts';
import type { Item } from './transaction.ts';

/** A registered response; `version` is the last sequence of its stream. */
export type Response = ResponseRegistered & { id: string; createdAt: string; version: number };

export interface Responses {
  one(id: string): Promise<Response | null>;
  all(): Promise<Response[]>;
  /** The source text that citations point into. */
  text(id: string): Promise<string | null>;
}

export function responses(client: DynamoDBClient, table: string): Responses {
  return {
    async one(id) {
      const [item] = await batchGet(client, table, [{ pk: id, sk: CARD }]);
      const found = item ? doc<Response>(item) : null;
      return found && 'framework' in found ? found : null;
    },
    async all() {
      const found: Response[] = [];
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          IndexName: 'byResponse',
          KeyConditionExpression: 'gpk = :all',
          ExpressionAttributeValues: { ':all': { S: RESPONSES } },
        },
      );
      for await (const { Items = [] } of pages) found.push(...Items.map((item) => doc<Response>(item)));
      return found;
    },
    async text(id) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: { pk: { S: id }, sk: { S: SOURCE } } }),
      );
      return Item?.['doc']?.S ?? null;
    },
  };
}

export const responseItems = (response: Response, text: string): Item[] => [
  {
    pk: { S: response.id },
    sk: { S: CARD },
    gpk: { S: RESPONSES },
    gsk: { S: response.id },
    doc: { S: JSON.stringify(response) },
  },
  { pk: { S: response.id }, sk: { S: SOURCE }, doc: { S: text } },
];
