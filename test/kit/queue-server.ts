import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Entry {
  Id: string;
  MessageBody: string;
  DelaySeconds: number;
}

/** Takes SendMessageBatch calls as SQS does, and remembers what was sent. */
export async function startQueueServer() {
  const sent: { body: string; delay: number }[] = [];
  let refuse = false;
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { Entries } = JSON.parse(Buffer.concat(chunks).toString()) as { Entries: Entry[] };
    response.setHeader('content-type', 'application/x-amz-json-1.0');
    if (refuse) {
      const Failed = Entries.map(({ Id }) => ({ Id, SenderFault: false, Code: 'Busy', Message: 'later' }));
      response.end(JSON.stringify({ Successful: [], Failed }));
      return;
    }
    sent.push(
      ...Entries.map(({ MessageBody, DelaySeconds }) => ({ body: MessageBody, delay: DelaySeconds })),
    );
    const Successful = Entries.map(({ Id, MessageBody }) => ({
      Id,
      MessageId: Id,
      MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
    }));
    response.end(JSON.stringify({ Successful, Failed: [] }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    queueUrl: `${url}/000000000000/deliveries`,
    sent,
    /** From now on it takes nothing. */
    refuse: (yes: boolean) => {
      refuse = yes;
    },
    stop: () =>
      new Promise<void>((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
}
