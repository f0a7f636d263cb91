import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { EventRecord } from '../../../shared/record/event-record.ts';
import { cloudEvent } from '../../../shared/store/cloud-event.ts';

/** Sends up to 10 records to the queue of audit-record, as the bus would have: nobody else hears of them again. */
export function recordHints(
  queueUrl: string,
  client: SQSClient = new SQSClient(),
): (records: readonly EventRecord[]) => Promise<void> {
  return async (records) => {
    const Entries = records.map((record, at) => ({
      Id: String(at),
      MessageBody: JSON.stringify({ detail: cloudEvent(record) }),
    }));
    const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    if (Failed.length > 0) throw new Error(`${Failed.length} hints were not taken: ${Failed[0]?.Code}`);
  };
}
