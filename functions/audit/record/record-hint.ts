import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

/** Sends a message that says nothing but: look. */
export function hintSender(queueUrl: string, client: SQSClient = new SQSClient()): () => Promise<void> {
  return async () => {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: '{}' }));
  };
}
