import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { EventRecord } from '../record/event-record.ts';
import { events, recordItem } from './events.ts';
import { eventKey, refusalKey } from './keys.ts';

/** Writers of one stream race for its next sequence; each round one of them wins. */
const ATTEMPTS = 100;

/**
 * Appends one record to a stream that has no state beside it, so that nothing but the stream itself decides the order.
 * `make` seals the record for its place: the sequence, and the hash of the record before.
 * @throws Error where others won every round.
 */
export async function append(
  client: DynamoDBClient,
  table: string,
  { stream, kind }: { stream: string; kind: 'event' | 'refusal' },
  make: (sequence: number, previousHash: string | null) => EventRecord,
): Promise<EventRecord> {
  const records = events(client, table, kind);
  const keyOf = kind === 'event' ? eventKey : refusalKey;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const last = await records.last(stream);
    const record = make((last?.sequence ?? 0) + 1, last?.hash ?? null);
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: recordItem(keyOf(stream, record.sequence), record),
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
