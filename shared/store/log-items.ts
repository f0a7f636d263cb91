import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { inParallel } from '../runtime/parallel.ts';
import { sameBytes } from '../tlog/merkle.ts';
import type { Columns } from '../trail/columns.ts';
import { batchGet } from './commitments.ts';
import { blockOf, entryKeyOf, evidenceKey, evidencePk, indexText, type Key, logItemKey } from './keys.ts';

/** Where an entry is in the log. */
export interface Placed {
  /** Where it stands in the table. */
  entry: Key;
  index: number;
  /** The leaf hash. */
  leaf: Uint8Array;
}

/** The same with the columns to find it by: what stands beside the entry. */
export interface LogItem extends Placed {
  columns: Columns;
  /** SHA-256 of the evidence that the entry names: under each of them it is found too. */
  evidence?: readonly string[];
}

export interface LogItems {
  /** Puts what is not there yet, and answers the entries at which something else stands. */
  put(items: readonly LogItem[]): Promise<Key[]>;
  /** The items of entries that have one, by `keyText` of the entry; read consistently. */
  of(entries: readonly Key[]): Promise<Map<string, Placed>>;
  /** The indices of the entries that name a piece of evidence, ascending, at most `limit`; read consistently. */
  naming(sha256: string, limit: number): Promise<number[]>;
}

/** A key as one text. */
export const keyText = ({ pk, sk }: Key): string => `${pk}\n${sk}`;

const AT_ONCE = 25;

export function logItems(client: DynamoDBClient, table: string): LogItems {
  const putEvidence = async ({ evidence = [], index }: LogItem) => {
    for (const hash of new Set(evidence)) {
      const { pk, sk } = evidenceKey(hash, index);
      const Item = { pk: { S: pk }, sk: { S: sk } };
      await client
        .send(new PutItemCommand({ TableName: table, Item, ConditionExpression: 'attribute_not_exists(pk)' }))
        .catch((error: unknown) => {
          // It stands there already.
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
        });
    }
  };
  return {
    async put(items) {
      const others: Key[] = [];
      await inParallel(items, AT_ONCE, async (item) => {
        await putEvidence(item);
        try {
          await client.send(
            new PutItemCommand({
              TableName: table,
              Item: logItemRow(item),
              ConditionExpression: 'attribute_not_exists(pk)',
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            }),
          );
        } catch (error) {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
          const standing = error.Item && fromItem(error.Item);
          if (!standing || standing.index !== item.index || !sameBytes(standing.leaf, item.leaf))
            others.push(item.entry);
        }
      });
      return others;
    },
    async of(entries) {
      const found = await batchGet(client, table, entries.map(logItemKey));
      return new Map(found.map(fromItem).map((item) => [keyText(item.entry), item]));
    },
    async naming(sha256, limit) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :evidence',
          ExpressionAttributeValues: { ':evidence': { S: evidencePk(sha256) } },
          Limit: limit,
        }),
      );
      return Items.map((item) => Number(item['sk']?.S?.slice(2)));
    },
  };
}

/** What is stored of it. */
export function logItemRow({ entry, index, leaf, columns }: LogItem): Record<string, AttributeValue> {
  const { pk, sk } = logItemKey(entry);
  return {
    pk: { S: pk },
    sk: { S: sk },
    index: { S: indexText(index) },
    block: { S: blockOf(index) },
    leaf: { B: leaf },
    ...Object.fromEntries(
      Object.entries(columns).map(([name, value]: [string, string]) => [name, { S: value }]),
    ),
  };
}

function fromItem(item: Record<string, AttributeValue>): Placed {
  const text = (name: string) => item[name]?.S ?? '';
  return {
    entry: entryKeyOf({ pk: text('pk'), sk: text('sk') }),
    index: Number(text('index')),
    leaf: Buffer.from(item['leaf']?.B ?? []),
  };
}
