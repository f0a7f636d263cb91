import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { ANONYMOUS_TOLD, anonymousMinute } from './keys.ts';
import { type Told, writeAndTell } from './told.ts';

/** The refused requests without a person of one minute, by code: how many there were, and how many of them the trail was told of. */
export interface CountedMinute {
  /** `2026-11-24T10:07`, UTC. */
  minute: string;
  codes: { code: string; count: number; told: number }[];
}

export interface AnonymousCounts {
  /** The minutes of one day in which something was counted, in order, from one to another, both included. */
  ofDay(from: string, to: string): AsyncGenerator<CountedMinute>;
  /** Notes that `count` are told now where `before` were, with what tells of it; false where somebody else told of some meanwhile. */
  tell(
    minute: string,
    code: string,
    numbers: { before: number; count: number },
    told: Told,
  ): Promise<boolean>;
  /** All before this minute is told; null at the very beginning. */
  toldUntil(): Promise<string | null>;
  /** Never goes back. */
  moveTo(minute: string): Promise<void>;
}

const COUNT = 'code:';
const TOLD = 'told:';

export function anonymousCounts(client: DynamoDBClient, table: string): AnonymousCounts {
  const cursor = { pk: { S: ANONYMOUS_TOLD.pk }, sk: { S: ANONYMOUS_TOLD.sk } };
  return {
    async *ofDay(from, to) {
      const { pk, sk } = anonymousMinute(from);
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :day AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: {
            ':day': { S: pk },
            ':from': { S: sk },
            ':to': { S: anonymousMinute(to).sk },
          },
        },
      );
      for await (const { Items = [] } of pages)
        for (const item of Items)
          yield { minute: `${from.slice(0, 10)}T${item['sk']?.S}`, codes: codesOf(item) };
    },

    tell(minute, code, { before, count }, told) {
      const { pk, sk } = anonymousMinute(minute);
      const mark = {
        Update: {
          TableName: table,
          Key: { pk: { S: pk }, sk: { S: sk } },
          UpdateExpression: 'SET #told = :count',
          ConditionExpression: before === 0 ? 'attribute_not_exists(#told)' : '#told = :before',
          ExpressionAttributeNames: { '#told': TOLD + code },
          ExpressionAttributeValues: {
            ':count': { N: String(count) },
            ...(before > 0 && { ':before': { N: String(before) } }),
          },
        },
      };
      return writeAndTell(client, [mark], told);
    },

    async toldUntil() {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, ConsistentRead: true, Key: cursor }),
      );
      return Item?.['minute']?.S ?? null;
    },

    async moveTo(minute) {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: cursor,
            UpdateExpression: 'SET #minute = :minute',
            ConditionExpression: 'attribute_not_exists(#minute) OR #minute < :minute',
            ExpressionAttributeNames: { '#minute': 'minute' },
            ExpressionAttributeValues: { ':minute': { S: minute } },
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },
  };
}

const codesOf = (item: Record<string, AttributeValue>): CountedMinute['codes'] =>
  Object.keys(item)
    .filter((name) => name.startsWith(COUNT))
    .map((name) => name.slice(COUNT.length))
    .sort()
    .map((code) => ({
      code,
      count: Number(item[COUNT + code]?.N ?? 0),
      told: Number(item[TOLD + code]?.N ?? 0),
    }));
