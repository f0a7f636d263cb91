import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { choosePorts, freePort, isFree } from '../../../local/services/ports.ts';
import {
  checkDatabases,
  checkDataDir,
  checkJava,
  checkPort,
  checkRetrySchedule,
  majorOf,
} from '../../../local/services/preflight.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'followthrough-preflight-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function fakeJava(says: string): string {
  const file = join(folder, 'java');
  writeFileSync(file, `#!/bin/sh\necho '${says}' >&2\n`);
  chmodSync(file, 0o755);
  return file;
}

async function withListener<T>(host: string | undefined, work: (port: number) => Promise<T>): Promise<T> {
  const server = createServer();
  await new Promise<void>((done) => server.listen({ port: 0, ...(host && { host }) }, done));
  const address = server.address();
  try {
    return await work(typeof address === 'object' && address !== null ? address.port : 0);
  } finally {
    server.close();
  }
}

test.each([
  ['openjdk version "17.0.15" 2025-04-15', 17],
  ['openjdk version "21" 2023-09-19', 21],
  ['java version "1.8.0_292"', 8],
  ['openjdk version "25-ea" 2025-09-16', 25],
  ['Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "11.0.2" 2019-01-15', 11],
  ['something else', null],
])('reads %j as version %j', (said, major) => {
  expect(majorOf(said)).toBe(major);
});

test('the Java of this machine will do', async () => {
  expect(await checkJava()).toBeNull();
});

test.each([
  ['too old', () => fakeJava('openjdk version "11.0.2" 2019-01-15'), /^Java 11 is too old .*17 or newer/],
  ['missing', () => join(folder, 'no-such-java'), /^Java is missing: .*install version 17 or newer/],
  ['odd', () => fakeJava('hello'), /^Java does not say its version \("hello"\)/],
])('a Java that is %s is named with what to do, in one sentence', async (_case, command, sentence) => {
  const problem = await checkJava(command());
  expect(problem).toMatch(sentence);
  expect(problem).not.toContain('\n');
});

test.each([['127.0.0.1'], [undefined]])('a port taken on %s is named with what to do', async (host) => {
  await withListener(host, async (port) => {
    expect(await checkPort(port)).toMatch(new RegExp(`^Port ${port} is in use: .*PORT=`));
  });
  expect(await checkPort(await freePort())).toBeNull();
});

test('a data folder that cannot be made is named with what to do', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(checkDataDir(join(file, 'data'))).toMatch(/cannot be written \(ENOTDIR\): .*DATA_DIR/);
  expect(checkDataDir(join(folder, 'new', 'data'))).toBeNull();
  if (process.platform === 'linux')
    expect(checkDataDir('/proc/data')).toMatch(/cannot be written \(ENOENT\)/);
});

test('the issuer keeps its port in a data folder, whatever the main port is', async () => {
  const first = await choosePorts(folder, 0);
  const second = await choosePorts(folder, await freePort());
  expect(second.issuer).toBe(first.issuer);
});

test('a port that is taken is replaced by a free one', async () => {
  await withListener('127.0.0.1', async (taken) => {
    const { issuer } = await choosePorts(folder, taken - 1);
    expect(issuer).not.toBe(taken);
    expect(await isFree(issuer)).toBe(true);
  });
});

test('a database that is none any more is named before anything starts', () => {
  expect(checkDatabases(folder)).toBeNull();
  const file = join(folder, 'dynamodb', 'local.db');
  mkdirSync(join(folder, 'dynamodb'));
  for (const whole of ['', 'SQLite format 3\0 and so on']) {
    writeFileSync(file, whole);
    expect(checkDatabases(folder)).toBeNull();
  }
  writeFileSync(file, 'garbage');
  expect(checkDatabases(folder)).toMatch(/local\.db is damaged: .*--reset/);
});

test.each([undefined, '', '0', '0,5,300', ' 0.5 , 10 '])('a retry schedule may be %j', (text) =>
  expect(checkRetrySchedule(text)).toBeNull(),
);

test.each(['abc', '0,', ',', '-1', '0;5', '1e3'])('a retry schedule of %j is explained', (text) =>
  expect(checkRetrySchedule(text)).toMatch(/WEBHOOK_RETRY_SCHEDULE .*commas/),
);
