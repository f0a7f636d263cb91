import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Child, startChild } from './child.ts';

export interface Queues extends Child {
  /** The URL of a queue is `<sqsUrl>/000000000000/<name>`. */
  sqsUrl: string;
  /** Buckets are addressed by path. */
  s3Url: string;
}

/**
 * Starts SQS and S3 on disk, in a process of its own: every send waits for the disk and would hold up whatever
 * shares its thread.
 */
export async function startQueues({ dataDir, port }: { dataDir: string; port: number }): Promise<Queues> {
  const data = resolve(dataDir, 'queues');
  mkdirSync(data, { recursive: true });
  const url = `http://127.0.0.1:${port}`;
  const child = await startChild({
    name: 'queues',
    command: process.execPath,
    args: ['--no-warnings', join(import.meta.dirname, 'queue-server.ts'), data, String(port)],
    dataDir,
    isReady: async () => (await fetch(`${url}/health`)).ok,
  });
  return { ...child, sqsUrl: url, s3Url: url };
}
