import type { SQSEvent } from 'aws-lambda';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { QueueHandler } from '../../../shared/lambda/queue.ts';
import { deliveries } from '../../../shared/store/deliveries.ts';
import { type Api, startApi } from '../../kit/api.ts';
import { startQueueServer } from '../../kit/queue-server.ts';
import { type Receiver, startReceiver } from '../../kit/receiver.ts';
import { event } from './fixture.ts';

let api: Api;
let sqs: Awaited<ReturnType<typeof startQueueServer>>;
let receiver: Receiver;
let entries: { match: QueueHandler; deliver: QueueHandler; sweep: () => Promise<number> };
beforeAll(async () => {
  sqs = await startQueueServer();
  receiver = await startReceiver();
  api = await startApi();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SQS: sqs.url,
    DELIVERIES_QUEUE_URL: sqs.queueUrl,
    ALLOW_LOOPBACK_WEBHOOKS: 'true',
    WEBHOOK_RETRY_SCHEDULE: '0,2,3',
  });
  const handlerOf = async (name: string) =>
    ((await import(`../../../functions/notifications/${name}.ts`)) as { handler: never }).handler;
  entries = {
    match: await handlerOf('match'),
    deliver: await handlerOf('deliver'),
    sweep: await handlerOf('sweep'),
  };
});
afterAll(async () => {
  await Promise.all([api.stop(), sqs.stop(), receiver.stop()]);
});

const batch = (...bodies: string[]) =>
  ({ Records: bodies.map((body, index) => ({ body, messageId: `m${index}` })) }) as SQSEvent;
const deliverSent = () =>
  entries.deliver(batch(...sqs.sent.splice(0).map(({ body }) => body)), undefined as never);

it('an event goes from the bus through both queues to the endpoint that asked for it', async () => {
  const made = await api.call('POST /v1/subscriptions', {
    as: 'auditor',
    body: {
      channel: { type: 'webhook', url: receiver.url },
      filter: { type: [{ wildcard: '*.status_changed' }] },
    },
  });
  expect(made.status).toBe(201);
  expect(await deliverSent()).toEqual({ batchItemFailures: [] });
  const { body } = await api.call(`GET /v1/subscriptions/${made.body['id']}`, { as: 'auditor' });
  expect(body['status']).toBe('verified');

  const happened = event(4, new Date(Date.now() + 1000).toISOString());
  const envelope = JSON.stringify({
    version: '0',
    source: happened.source,
    'detail-type': happened.type,
    detail: happened,
  });
  expect(await entries.match(batch(envelope, '{}', 'garbage'), undefined as never)).toEqual({
    batchItemFailures: [{ itemIdentifier: 'm1' }, { itemIdentifier: 'm2' }],
  });
  expect(
    await entries.match(batch(envelope.replace('{', '{"replay-name":"again",')), undefined as never),
  ).toEqual({
    batchItemFailures: [],
  });
  expect(sqs.sent).toEqual([{ body: expect.stringMatching(/^\{"deliveryId":"dlv_/), delay: 0 }]);

  // The schedule of the deployment, and the queue's whole seconds.
  receiver.answer = (response) => response.writeHead(500).end();
  await deliverSent();
  expect(sqs.sent).toMatchObject([
    { delay: expect.toSatisfy((delay: number) => delay === 2 || delay === 3) },
  ]);
  expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([
    `${made.body['id']}/1`,
    happened.id,
  ]);
  expect(receiver.received[1]?.body).toBe(JSON.stringify(happened));
});

it('a message that is none comes again, until the dead-letter queue has it', async () => {
  expect(
    await entries.deliver(batch('{"deliveryId":"dlv_"}', '{"deliveryId":7}', 'x'), undefined as never),
  ).toEqual({
    batchItemFailures: ['m0', 'm1', 'm2'].map((itemIdentifier) => ({ itemIdentifier })),
  });
});

it('the sweep finds what is due in every shard', async () => {
  const store = deliveries(api.tables.client, api.tables.tables.notifications);
  const { newDelivery } = await import('../../../shared/store/delivery.ts');
  const long = new Date(Date.now() - 120_000).toISOString();
  const made = Array.from({ length: 12 }, (_, n) =>
    newDelivery('sub_00000000000000000000000001', event(n + 1, long), 'event', long),
  );
  for (const delivery of made) expect(await store.put(delivery)).toBe(true);
  sqs.sent.length = 0;
  expect(await entries.sweep()).toBe(12);
  const ids = sqs.sent.map(({ body }) => (JSON.parse(body) as { deliveryId: string }).deliveryId);
  expect(ids.sort()).toEqual(made.map(({ id }) => id).sort());
});
