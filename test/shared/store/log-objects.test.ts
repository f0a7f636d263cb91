import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ObjectFront, startObjectFront } from '../../../local/host/object-store/front.ts';
import { freePort } from '../../../local/services/ports.ts';
import { type Queues, startQueues } from '../../../local/services/queues.ts';
import {
  checkpointPath,
  checkpointsAfter,
  type LogObjects,
  logObjects,
  newestCheckpoint,
} from '../../../shared/store/log-objects.ts';

const BUCKET = 'log';
let dataDir: string;
let queues: Queues;
let front: ObjectFront;
let objects: LogObjects;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'followthrough-log-'));
  queues = await startQueues({ dataDir, port: await freePort() });
  front = await startObjectFront({
    upstream: queues.s3Url,
    locksFile: join(dataDir, 'locks.db'),
    buckets: new Map([[BUCKET, { mode: 'COMPLIANCE' as const, days: 7 }]]),
    policies: { denies: () => false },
    callerOf: () => undefined,
    now: () => Date.now(),
    log: () => undefined,
  });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = (endpoint: string) => new S3Client({ endpoint, region: 'eu-west-1', credentials });
  await client(queues.s3Url).send(new CreateBucketCommand({ Bucket: BUCKET }));
  objects = logObjects(BUCKET, client(front.url));
});
afterAll(async () => {
  await front.close();
  await queues.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const text = async (key: string) => {
  const bytes = await objects.get(key);
  return bytes && Buffer.from(bytes).toString();
};

it('puts what is not there, and leaves what is', async () => {
  expect(await objects.putNew('tile/0/x001/000', Buffer.from('first'), 'application/octet-stream')).toBe(
    true,
  );
  expect(await objects.putNew('tile/0/x001/000', Buffer.from('other'), 'application/octet-stream')).toBe(
    false,
  );
  expect(await text('tile/0/x001/000')).toBe('first');
  expect(await objects.get('tile/0/x001/001')).toBeNull();
});

it('lets one of many at once put a key', async () => {
  const put = (n: number) =>
    objects.putNew('tile/0/002.p/1', Buffer.from(`${n}`), 'application/octet-stream');
  const won = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(put));
  expect(won.filter(Boolean)).toHaveLength(1);
  expect(await text('tile/0/002.p/1')).toBe(String(won.indexOf(true) + 1));
});

it('finds the newest checkpoint behind one that is known, and from the beginning', async () => {
  expect(await newestCheckpoint(objects, 0)).toBeNull();
  const sizes = [1, 9, 10, 256, 1000];
  for (const size of sizes)
    await objects.putNew(checkpointPath(size), Buffer.from(`note ${size}`), 'text/plain');
  await objects.putNew('manifests/2026-11-24', Buffer.from('[]'), 'application/jsonl');
  for (const known of [0, 10, 256, 1000])
    expect(await newestCheckpoint(objects, known)).toEqual({ size: 1000, note: 'note 1000' });
  const later: number[] = [];
  for await (const size of checkpointsAfter(objects, 9)) later.push(size);
  expect(later).toEqual([10, 256, 1000]);
});
