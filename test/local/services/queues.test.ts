import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../../local/services/ports.ts';
import { type Queues, startQueues } from '../../../local/services/queues.ts';

let dataDir: string;
let queues: Queues;

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'followthrough-queues-'));
  queues = await startQueues({ dataDir, port: await freePort() });
});

afterEach(async () => {
  await queues.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function killAndRestart(): Promise<void> {
  process.kill(queues.pid, 'SIGKILL');
  await queues.ended;
  queues = await startQueues({ dataDir, port: await freePort() });
}

const client = () =>
  new SQSClient({
    endpoint: queues.sqsUrl,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
const urlOf = (name: string) => `${queues.sqsUrl}/000000000000/${name}`;
const send = (body: string) =>
  client().send(new SendMessageCommand({ QueueUrl: urlOf('work'), MessageBody: body }));

async function receive(wait = 0) {
  const request = { QueueUrl: urlOf('work'), WaitTimeSeconds: wait, MaxNumberOfMessages: 10 };
  const command = new ReceiveMessageCommand({
    ...request,
    MessageSystemAttributeNames: ['ApproximateReceiveCount'],
  });
  return (await client().send(command)).Messages ?? [];
}

test('messages outlive kill -9: the waiting, the received and how often they were, not the deleted', async () => {
  const attributes = { VisibilityTimeout: '600' };
  await client().send(new CreateQueueCommand({ QueueName: 'work', Attributes: attributes }));
  await send('done');
  const [done] = await receive();
  await client().send(
    new DeleteMessageCommand({ QueueUrl: urlOf('work'), ReceiptHandle: done?.ReceiptHandle }),
  );
  await send('received');
  expect((await receive()).map(({ Body }) => Body)).toEqual(['received']);
  await send('waiting');
  expect((await receive()).map(({ Body }) => Body)).toEqual(['waiting']);
  await send('new');

  await killAndRestart();

  const found = (await receive()).map(({ Body, Attributes }) => [Body, Attributes?.ApproximateReceiveCount]);
  expect(found.sort()).toEqual([
    ['new', '1'],
    ['received', '2'],
    ['waiting', '2'],
  ]);
});

test('every acknowledged send is there after kill -9 in mid-stream', async () => {
  await client().send(new CreateQueueCommand({ QueueName: 'work' }));
  const acknowledged: string[] = [];
  const killed = new Promise<void>((done) => {
    const sender = async (name: string) => {
      for (let n = 0; ; n++) {
        const sent = await send(`${name}/${n}`).catch(() => null);
        if (sent === null) return;
        acknowledged.push(`${name}/${n}`);
        if (acknowledged.length === 60) process.kill(queues.pid, 'SIGKILL');
      }
    };
    void Promise.all(['a', 'b', 'c', 'd'].map(sender)).then(() => done());
  });
  await killed;
  await queues.ended;
  queues = await startQueues({ dataDir, port: await freePort() });
  const found = new Set<string | undefined>();
  for (let batch = await receive(); batch.length > 0; batch = await receive())
    for (const { Body } of batch) found.add(Body);
  expect(acknowledged.filter((body) => !found.has(body))).toEqual([]);
}, 30_000);

test('a waiting receive gets a message as soon as it is sent', async () => {
  await client().send(new CreateQueueCommand({ QueueName: 'work' }));
  const waiting = receive(20);
  await send('now');
  expect((await waiting).map(({ Body }) => Body)).toEqual(['now']);
});

test('an object outlives kill -9', async () => {
  const headers = { 'content-type': 'application/octet-stream' };
  await fetch(`${queues.s3Url}/failures`, { method: 'PUT' });
  const put = await fetch(`${queues.s3Url}/failures/a/b.json`, { method: 'PUT', headers, body: '{"a":1}' });
  expect(put.status).toBe(200);
  await killAndRestart();
  expect(await (await fetch(`${queues.s3Url}/failures/a/b.json`)).text()).toBe('{"a":1}');
});
