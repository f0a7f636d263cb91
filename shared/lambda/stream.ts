import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { EventRecord } from '../record/event-record.ts';
import type { Log } from '../runtime/log.ts';
import { fromItem } from '../store/events.ts';
import { EVENT_PREFIX, REFUSAL_PREFIX } from '../store/keys.ts';

/** An inserted event or refusal record, in its place in the shard; null where its image can't be read. */
export interface Inserted {
  sequenceNumber: string;
  record: EventRecord | null;
}

export type StreamHandler = (event: DynamoDBStreamEvent, context: never) => Promise<DynamoDBBatchResponse>;

/**
 * The stream door: hands the inserted records of a batch, in order, to `handle`, which answers the sequence number of the first that
 * failed: that one and all after it come again. What it throws brings the whole batch again, in two halves.
 */
export function streamDoor(handle: (batch: Inserted[]) => Promise<string | null>, log: Log): StreamHandler {
  return middy<DynamoDBStreamEvent, DynamoDBBatchResponse>().handler(async ({ Records }) => {
    const failed = await handle(Records.flatMap((record) => inserted(record, log)));
    return { batchItemFailures: failed === null ? [] : [{ itemIdentifier: failed }] };
  }) as unknown as StreamHandler;
}

type StreamRecord = DynamoDBStreamEvent['Records'][number];

function inserted({ eventName, dynamodb }: StreamRecord, log: Log): Inserted[] {
  const { NewImage, SequenceNumber: sequenceNumber } = dynamodb ?? {};
  const sk = dynamodb?.Keys?.['sk']?.S ?? NewImage?.['sk']?.S ?? '';
  if (eventName !== 'INSERT' || !sequenceNumber) return [];
  if (!sk.startsWith(EVENT_PREFIX) && !sk.startsWith(REFUSAL_PREFIX)) return [];
  try {
    // Lambda's images are JSON: the same shapes as the client's, but for binaries in base64, which `fromItem` knows.
    return [
      { sequenceNumber, record: NewImage ? fromItem(NewImage as Parameters<typeof fromItem>[0]) : null },
    ];
  } catch (error) {
    log.error('unreadable image', { sequenceNumber, error });
    return [{ sequenceNumber, record: null }];
  }
}
