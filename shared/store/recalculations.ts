import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Claim } from './idempotency.ts';
import { key } from './rollups.ts';

/** What an idempotency key was used for; `answer` is null while it is being worked on. */
export interface Earlier {
  payload: string;
  answer: unknown;
}

/** Answers of recalculations by idempotency key: one writes no event record that could hold its answer. */
export interface Recalculations {
  /** Null where it may begin: the key is new, or whoever began with it has not come back until `now` (epoch milliseconds). */
  begin(claim: Claim, now: number): Promise<Earlier | null>;
  finish(claim: Claim, answer: unknown): Promise<void>;
  /** It came to nothing: the key may be used again. */
  abandon(claim: Claim): Promise<void>;
}

/** A request ends within 29 s, with an answer or without. */
const IN_FLIGHT_MS = 40_000;
const KEEP_SECONDS = 30 * 86_400;

export function recalculations(client: DynamoDBClient, table: string): Recalculations {
  return {
    async begin(claim, now) {
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: {
              ...key(claim.key),
              payload: { S: claim.payload },
              until: { N: String(now + IN_FLIGHT_MS) },
              expiresAt: { N: String(Math.floor(now / 1000) + KEEP_SECONDS) },
            },
            ConditionExpression:
              'attribute_not_exists(pk) OR (attribute_not_exists(answer) AND payload = :payload AND #until < :now)',
            ExpressionAttributeNames: { '#until': 'until' },
            ExpressionAttributeValues: { ':now': { N: String(now) }, ':payload': { S: claim.payload } },
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          }),
        );
        return null;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        const { payload, answer } = error.Item ?? {};
        return { payload: payload?.S ?? '', answer: answer?.S === undefined ? null : JSON.parse(answer.S) };
      }
    },

    async finish(claim, answer) {
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: key(claim.key),
          UpdateExpression: 'SET answer = :answer',
          ExpressionAttributeValues: { ':answer': { S: JSON.stringify(answer) } },
        }),
      );
    },

    async abandon(claim) {
      await client.send(new DeleteItemCommand({ TableName: table, Key: key(claim.key) }));
    },
  };
}
