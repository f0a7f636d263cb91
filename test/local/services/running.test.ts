import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { markOf } from '../../../local/services/process-mark.ts';
import { announce, claim, findRunning, release } from '../../../local/services/running.ts';

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'followthrough-running-'));
});

afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test('a system is found while it has its folder, with its addresses once it serves', async () => {
  expect(findRunning(dataDir)).toBeNull();
  expect(await claim(dataDir)).toBe(true);
  expect(findRunning(dataDir)?.url).toBeUndefined();
  announce(dataDir, { url: 'http://127.0.0.1:1', issuer: 'http://127.0.0.1:2' });
  expect(findRunning(dataDir)).toMatchObject({ process: { pid: process.pid }, issuer: 'http://127.0.0.1:2' });
  release(dataDir);
  expect(findRunning(dataDir)).toBeNull();
});

test('a folder that a living system has is refused, and keeps its claim', async () => {
  await claim(dataDir);
  expect(await claim(dataDir, 100)).toBe(false);
  expect(findRunning(dataDir)).not.toBeNull();
});

test('of several that start at once on one folder, one gets it', async () => {
  const claims = await Promise.all([1, 2, 3].map(() => claim(dataDir, 100)));
  expect(claims.filter(Boolean)).toHaveLength(1);
});

test('the claim of a process that was killed does not count, nor does half a file', async () => {
  const gone = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const mark = markOf(gone.pid ?? 0);
  writeFileSync(
    join(dataDir, 'running.json'),
    JSON.stringify({ process: mark, issuer: 'http://127.0.0.1:2' }),
  );
  expect(findRunning(dataDir)?.issuer).toBe('http://127.0.0.1:2');
  gone.kill('SIGKILL');
  await new Promise((done) => gone.once('exit', done));
  expect(findRunning(dataDir)).toBeNull();
  writeFileSync(join(dataDir, 'running.json'), '{"process":');
  expect(await claim(dataDir)).toBe(true);
  expect(JSON.parse(readFileSync(join(dataDir, 'running.json'), 'utf8')).process.pid).toBe(process.pid);
});
