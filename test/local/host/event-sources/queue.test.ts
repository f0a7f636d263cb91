import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import type { Mapping } from '../../../../local/host/event-sources/mapping.ts';
import { startQueue } from '../../../../local/host/event-sources/queue.ts';
import type { Source } from '../../../../local/host/event-sources/stream.ts';
import type { FunctionRunner } from '../../../../local/host/functions/runner.ts';
import { connectServices, type Services } from '../../../../local/host/services.ts';
import { freePort } from '../../../../local/services/ports.ts';
import { type Queues, startQueues } from '../../../../local/services/queues.ts';

let dataDir: string;
let queues: Queues;
let services: Services;
let source: Source | undefined;
/** Each invocation: when, and the bodies it got. */
let batches: { at: number; bodies: string[] }[] = [];

const runner = {
  async invoke(event: string) {
    const { Records } = JSON.parse(event) as { Records: { body: string }[] };
    batches.push({ at: Date.now(), bodies: Records.map(({ body }) => body) });
    return { ok: true, payload: '{}', requestId: 'r' };
  },
} as Pick<FunctionRunner, 'invoke'> as FunctionRunner;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'queue-'));
  queues = await startQueues({ dataDir, port: await freePort() });
  services = connectServices({ dynamodb: queues.sqsUrl, sqs: queues.sqsUrl, s3: queues.s3Url });
});

afterEach(async () => {
  await source?.stop();
  batches = [];
});

afterAll(async () => {
  services.close();
  await queues.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(name: string, rules: Pick<Mapping, 'batchSize' | 'batchingWindowMs'>): Promise<string> {
  const url = String((await services.sqs('CreateQueue', { QueueName: name }))['QueueUrl']);
  const mapping = {
    ...{ id: name, label: name, sourceArn: `arn:aws:sqs:eu-west-1:000000000000:${name}`, runner, ...rules },
    ...{ reportsFailures: false, passes: () => true, startsAt: 'LATEST' as const, bisects: false },
    ...{ maximumRetries: 0, maximumAgeMs: 0, maximumConcurrency: 2 },
  };
  const queue = { name, label: name, url, arn: mapping.sourceArn, fifo: false };
  source = startQueue({ mapping, queue, services, visibilityTimeoutSeconds: 1, log: () => {} });
  return url;
}

const send = (QueueUrl: string, MessageBody: string) =>
  services.sqs('SendMessage', { QueueUrl, MessageBody });
const received = () => batches.flatMap(({ bodies }) => bodies);

it('waits for company at most for the window, and gives each message once', async () => {
  const url = await start('window', { batchSize: 100, batchingWindowMs: 2000 });
  const began = Date.now();
  for (let n = 0; n < 25; n++) await send(url, String(n));
  await vi.waitUntil(() => received().length >= 25, { timeout: 10_000, interval: 10 });
  expect(batches).toHaveLength(1);
  const waited = (batches[0]?.at ?? 0) - began;
  expect(waited).toBeGreaterThan(1500);
  expect(waited).toBeLessThan(3500);
  // One more, after which a message that had come back would have been delivered again.
  await send(url, 'last');
  await vi.waitUntil(() => received().includes('last'), { timeout: 10_000, interval: 10 });
  expect(received().sort()).toEqual([...Array.from({ length: 25 }, (_, n) => String(n)), 'last'].sort());
});

it('does not wait once the batch is full', async () => {
  const url = await start('full', { batchSize: 12, batchingWindowMs: 20_000 });
  const began = Date.now();
  for (let n = 0; n < 12; n++) await send(url, String(n));
  await vi.waitUntil(() => received().length >= 12, { timeout: 10_000, interval: 10 });
  expect(batches.map(({ bodies }) => bodies.length)).toEqual([12]);
  expect((batches[0]?.at ?? 0) - began).toBeLessThan(5000);
});
