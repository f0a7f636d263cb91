import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

export type SendHint = (body: string, delaySeconds: number) => Promise<void>;

/** Sends texts to a queue, each to be taken after so many seconds. */
export function hintQueue(queueUrl: string, client: SQSClient = new SQSClient()): SendHint {
  return async (body, delaySeconds) => {
    await client.send(
      new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body, DelaySeconds: delaySeconds }),
    );
  };
}
