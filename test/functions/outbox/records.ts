import type { DynamoDBStreamEvent } from 'aws-lambda';
import { EVENT_TYPES } from '../../../shared/commitment/event.ts';
import { sha256 } from '../../../shared/record/canonical.ts';
import { type EventRecord, seal } from '../../../shared/record/event-record.ts';
import { recordItem } from '../../../shared/store/events.ts';
import { eventKey, refusalKey } from '../../../shared/store/keys.ts';

/** A sealed record of progress on a stream. */
export function progress(stream: string, sequence: number, narrative = 'It moves.'): EventRecord {
  return seal(
    { type: EVENT_TYPES.progressReported, data: { narrative, progress: sequence } },
    {
      stream,
      sequence,
      time: '2026-11-24T10:00:00.000Z',
      actor: { id: 'per_1', role: 'focal-point' },
      action: 'report-progress',
      commandId: 'cmd_1',
      correlation: 'req_1',
    },
    sequence === 1 ? null : sha256(`${sequence - 1}`),
    () => Buffer.alloc(16, 7).toString('base64url'),
  );
}

type Image = NonNullable<DynamoDBStreamEvent['Records'][number]['dynamodb']>['NewImage'];

/** The record as a DynamoDB stream hands it to Lambda: binaries in base64. */
export function streamed(
  record: EventRecord,
  sequenceNumber: string,
  { eventName = 'INSERT' as const as 'INSERT' | 'MODIFY' | 'REMOVE', refusal = false } = {},
): DynamoDBStreamEvent['Records'][number] {
  const key = (refusal ? refusalKey : eventKey)(record.stream, record.sequence);
  const item = recordItem(key, record);
  const image = Object.fromEntries(
    Object.entries(item).map(([name, value]) => [
      name,
      'B' in value ? { B: Buffer.from(value.B).toString('base64') } : value,
    ]),
  ) as Image;
  return {
    eventName,
    dynamodb: {
      Keys: { pk: { S: key.pk }, sk: { S: key.sk } },
      ...(image && { NewImage: image }),
      SequenceNumber: sequenceNumber,
    },
  };
}
