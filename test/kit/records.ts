import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EVENT_TYPES, type Happened, type Placed } from '../../shared/commitment/event.ts';
import { type EventRecord, seal } from '../../shared/record/event-record.ts';
import { type CloudEvent, cloudEvent } from '../../shared/store/cloud-event.ts';
import { eventItem } from '../../shared/store/events.ts';

export const progressOf = (n: number, narrative = 'It moves.'): Happened => ({
  type: EVENT_TYPES.progressReported,
  data: { narrative, progress: n },
});

/** The records of what happened, chained from the first of their stream on: one a minute from 24 November 2026, 10:00, on. */
export function chained(
  stream: string,
  happened: readonly Happened[],
  by: Partial<Placed> = {},
): EventRecord[] {
  const records: EventRecord[] = [];
  for (const [index, event] of happened.entries()) {
    const place: Placed = {
      stream,
      sequence: index + 1,
      time: new Date(Date.UTC(2026, 10, 24, 10, index)).toISOString(),
      actor: { id: 'per_worker', role: 'focal-point' },
      action: 'report-progress',
      commandId: `cmd_${index + 1}`,
      correlation: `req_${index + 1}`,
      ...by,
    };
    records.push(
      seal(event, place, records.at(-1)?.hash ?? null, () => Buffer.alloc(16, index).toString('base64url')),
    );
  }
  return records;
}

/** So many records of progress on a stream. */
export const progressing = (stream: string, count: number, by: Partial<Placed> = {}): EventRecord[] =>
  chained(
    stream,
    Array.from({ length: count }, (_, index) => progressOf(index + 1)),
    by,
  );

/** Puts records past every rule: as somebody with the table's own key could. */
export async function putRecords(
  client: DynamoDBClient,
  table: string,
  records: readonly EventRecord[],
): Promise<void> {
  for (const record of records)
    await client.send(new PutItemCommand({ TableName: table, Item: eventItem(record) }));
}

/** A message of a queue behind the bus. */
export const messageOf = (record: EventRecord, messageId: string) => ({
  messageId,
  event: cloudEvent(record) as CloudEvent,
  replay: false,
});

export function logged() {
  const lines: { message: string; fields: Record<string, unknown> | undefined }[] = [];
  const write = (message: string, fields?: Record<string, unknown>) => void lines.push({ message, fields });
  return { lines, log: { info: write, error: write } };
}
