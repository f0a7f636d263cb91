import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Actor } from '../commitment/event.ts';
import { type EventRecord, sealData } from '../record/event-record.ts';
import { refusalStream } from '../record/streams.ts';
import { REFUSAL_TYPE, type RefusalData } from '../record/trail-record.ts';
import { append } from './append.ts';
import { anonymousMinute } from './keys.ts';

/** A "no" to a signed-in person, for the audit trail: no text that the person sent is in it. */
export interface Refusal extends RefusalData {
  /** The audit verb of what was tried. */
  action: string;
  actor: Actor;
  time: string;
  commandId: string;
  correlation: string;
}

export interface Refusals {
  /** Appends to the stream of the target. */
  record(refusal: Refusal): Promise<EventRecord>;
  /** Counts a refused anonymous request in its minute, so that nobody without a name can fill the store. */
  countAnonymous(time: string, code: string): Promise<void>;
}

/** A counted minute is kept for 400 days. */
const KEEP_SECONDS = 400 * 86_400;

export function refusals(client: DynamoDBClient, table: string): Refusals {
  const queues = new Map<string, Promise<unknown>>();

  return {
    record(refusal) {
      const { target, code, status, route } = refusal;
      const { id } = target;
      const turn = (queues.get(id) ?? Promise.resolve()).then(() => {
        const stream = refusalStream(id);
        return append(client, table, { stream, kind: 'refusal' }, (sequence, previousHash) =>
          sealData(
            REFUSAL_TYPE,
            { target, code, status, route },
            { ...refusal, stream, sequence },
            previousHash,
          ),
        );
      });
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
