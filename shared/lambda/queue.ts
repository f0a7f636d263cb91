import middy from '@middy/core';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Log } from '../runtime/log.ts';
import type { CloudEvent } from '../store/cloud-event.ts';

/** One message of a queue behind a rule of the bus. */
export interface BusMessage {
  messageId: string;
  event: CloudEvent;
  /** Set when the bus's archive is being replayed: notifications ignore those. */
  replay: boolean;
}

export type QueueHandler = (event: SQSEvent, context: never) => Promise<SQSBatchResponse>;

/**
 * The queue door: hands a batch to `handle`, which answers the ids of the messages that have to come again.
 * What it throws brings the whole batch again.
 */
export function queueDoor<Message>(
  read: (body: string, messageId: string) => Message,
  handle: (messages: Message[]) => Promise<string[]>,
  log: Log,
): QueueHandler {
  return middy<SQSEvent, SQSBatchResponse>().handler(async ({ Records }) => {
    const messages: Message[] = [];
    const failed: string[] = [];
    for (const { body, messageId } of Records) {
      try {
        messages.push(read(body, messageId));
      } catch (error) {
        // Comes again until the queue's redrive puts it, whole, into the dead-letter queue.
        log.error('unreadable message', { messageId, error });
        failed.push(messageId);
      }
    }
    if (messages.length > 0) failed.push(...(await handle(messages)));
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  }) as unknown as QueueHandler;
}

/** Reads the envelope in which EventBridge puts an event on a queue. @throws where it holds no CloudEvent. */
export function readBusMessage(body: string, messageId: string): BusMessage {
  const envelope = JSON.parse(body) as { detail?: CloudEvent; 'replay-name'?: string };
  const event = envelope.detail;
  if (
    event?.specversion !== '1.0' ||
    typeof event.subject !== 'string' ||
    !Number.isSafeInteger(event.sequence)
  )
    throw new TypeError('not a CloudEvent with a subject and a sequence');
  return { messageId, event, replay: envelope['replay-name'] !== undefined };
}
