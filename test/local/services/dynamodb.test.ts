import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startDynamoDb } from '../../../local/services/dynamodb.ts';
import { freePort } from '../../../local/services/ports.ts';
import { isAlive, markOf } from '../../../local/services/process-mark.ts';

const SOURCE = resolve(import.meta.dirname, '../../../local/services/dynamodb.ts');

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'followthrough-dynamodb-'));
});

afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const connect = (endpoint: string) =>
  new DynamoDBClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });

test('an item outlives kill -9 of whoever started the database, and the next start is not held up', async () => {
  const options = JSON.stringify({ dataDir, port: await freePort(), quick: true });
  const script = `
    import { startDynamoDb } from ${JSON.stringify(SOURCE)};
    const { url, pid } = await startDynamoDb(${options});
    process.stdout.write(JSON.stringify({ url, pid }));
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { url, pid } = await new Promise<{ url: string; pid: number }>((done) =>
    parent.stdout.once('data', (said) => done(JSON.parse(said))),
  );
  const jvm = markOf(pid);
  if (jvm === null) throw new Error('the JVM does not live');
  const first = connect(url);
  await first.send(
    new CreateTableCommand({
      TableName: 'kept',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  await first.send(new PutItemCommand({ TableName: 'kept', Item: { id: { S: 'a' } } }));

  parent.kill('SIGKILL');
  const next = await startDynamoDb({ dataDir, port: await freePort(), quick: true });
  try {
    await vi.waitUntil(() => !isAlive(jvm), { timeout: 5_000 });
    const read = await connect(next.url).send(
      new GetItemCommand({ TableName: 'kept', Key: { id: { S: 'a' } } }),
    );
    expect(read.Item).toEqual({ id: { S: 'a' } });
  } finally {
    await next.stop();
  }
}, 60_000);
