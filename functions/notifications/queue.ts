import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';

/** Sends `{deliveryId}` messages, each to be seen after a delay. @throws where one could not be sent. */
export type Send = (deliveryIds: readonly string[], delaySeconds: number) => Promise<void>;

/** SQS takes 10 messages a call, and delays of whole seconds up to 900. */
const BATCH = 10;
export const LONGEST_DELAY = 900;

export function queueSender(queueUrl: string, client: SQSClient = new SQSClient()): Send {
  return async (deliveryIds, delaySeconds) => {
    const DelaySeconds = Math.min(LONGEST_DELAY, Math.max(0, Math.ceil(delaySeconds)));
    // One call after the other: what is released in order is sent in order.
    for (let start = 0; start < deliveryIds.length; start += BATCH) {
      const Entries = deliveryIds.slice(start, start + BATCH).map((deliveryId, index) => ({
        Id: String(index),
        MessageBody: JSON.stringify({ deliveryId }),
        DelaySeconds,
      }));
      const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      const [failed] = Failed;
      if (failed)
        throw new Error(`${Failed.length} messages were not taken: ${failed.Code} ${failed.Message}`);
    }
  };
}
