import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Actor } from '../commitment/event.ts';
import { fromItem, recordItem } from './events.ts';
import { anonymousMinute, REFUSAL_PREFIX, refusalKey, refusalStream } from './keys.ts';
import { canonical, type EventRecord, type Hashed, sha256 } from './record.ts';

/** A "no" to a signed-in person, for the audit trail: no text that the person sent is in it. */
export interface Refusal {
  target: { type: 'commitment' | 'response' | 'subscription' | 'system'; id: string };
  /** The audit verb of what was tried. */
  action: string;
  /** The problem's code and HTTP status. */
  code: string;
  status: number;
  route: string;
  actor: Actor;
  time: string;
  commandId: string;
  correlation: string;
}

export const REFUSAL_TYPE = 'followthrough.refusal';

export interface Refusals {
  /** Appends to the stream of the target. */
  record(refusal: Refusal): Promise<EventRecord>;
  /** Counts a refused anonymous request in its minute, so that nobody without a name can fill the store. */
  countAnonymous(time: string, code: string): Promise<void>;
}

/** Concurrent refusals on one target race for its next sequence; each round one of them wins. */
const ATTEMPTS = 100;
/** A counted minute is kept for 400 days. */
const KEEP_SECONDS = 400 * 86_400;

export function refusals(client: DynamoDBClient, table: string): Refusals {
  const queues = new Map<string, Promise<unknown>>();

  async function append(refusal: Refusal): Promise<EventRecord> {
    const stream = refusalStream(refusal.target.id);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const last = await lastOf(stream);
      const record = sealRefusal(refusal, stream, (last?.sequence ?? 0) + 1, last?.hash ?? null);
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: recordItem(refusalKey(stream, record.sequence), record),
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        );
        return record;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    }
    throw new Error(`no place in ${stream} after ${ATTEMPTS} tries`);
  }

  async function lastOf(stream: string): Promise<EventRecord | null> {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :stream AND begins_with(sk, :refusal)',
        ExpressionAttributeValues: { ':stream': { S: stream }, ':refusal': { S: REFUSAL_PREFIX } },
        ScanIndexForward: false,
        Limit: 1,
      }),
    );
    return Items[0] ? fromItem(Items[0]) : null;
  }

  return {
    record(refusal) {
      const { id } = refusal.target;
      const turn = (queues.get(id) ?? Promise.resolve()).then(() => append(refusal));
      const settled = turn
        .catch(() => undefined)
        .then(() => {
          if (queues.get(id) === settled) queues.delete(id);
        });
      queues.set(id, settled);
      return turn;
    },
    async countAnonymous(time, code) {
      const { pk, sk } = anonymousMinute(time);
      await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: { pk: { S: pk }, sk: { S: sk } },
          UpdateExpression: 'SET expiresAt = :until ADD #code :one, #all :one',
          ExpressionAttributeNames: { '#code': `code:${code}`, '#all': 'count' },
          ExpressionAttributeValues: {
            ':one': { N: '1' },
            ':until': { N: String(Math.floor(Date.parse(time) / 1000) + KEEP_SECONDS) },
          },
        }),
      );
    },
  };
}

function sealRefusal(
  refusal: Refusal,
  stream: string,
  sequence: number,
  previousHash: string | null,
): EventRecord {
  const { target, code, status, route, actor, action, time, commandId, correlation } = refusal;
  const hashed: Hashed = {
    v: 1,
    stream,
    sequence,
    type: REFUSAL_TYPE,
    time,
    previousHash,
    actor,
    action,
    command: commandId,
    correlation,
    data: { target, code, status, route },
  };
  const bytes = canonical(hashed);
  return { stream, sequence, bytes, hash: sha256(bytes), texts: {} };
}
