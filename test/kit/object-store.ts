import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { startObjectFront } from '../../local/host/object-store/front.ts';
import { freePort } from '../../local/services/ports.ts';
import { startQueues } from '../../local/services/queues.ts';

/** An object store as the local system has it, with these buckets; nothing in them is locked. */
export async function startObjectStore(...buckets: string[]) {
  const dataDir = mkdtempSync(join(tmpdir(), 'followthrough-objects-'));
  const queues = await startQueues({ dataDir, port: await freePort() });
  const options = { region: 'eu-west-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  const behind = new S3Client({ ...options, endpoint: queues.s3Url });
  for (const Bucket of buckets) await behind.send(new CreateBucketCommand({ Bucket }));
  behind.destroy();
  const front = await startObjectFront({
    upstream: queues.s3Url,
    locksFile: join(dataDir, 'locks.db'),
    buckets: new Map(),
    policies: { denies: () => false },
    callerOf: () => undefined,
    now: Date.now,
    log: () => {},
  });
  const client = new S3Client({ ...options, endpoint: front.url });
  return {
    client,
    async stop() {
      client.destroy();
      await front.close();
      await queues.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
