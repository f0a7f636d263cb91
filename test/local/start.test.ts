import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { markOf } from '../../local/services/process-mark.ts';

const ROOT = resolve(import.meta.dirname, '../..');

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'followthrough-start-'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(args: string[], environment: Record<string, string> = {}) {
  const env = { ...process.env, DATA_DIR: join(folder, 'data'), PORT: '0', ...environment };
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((done) => {
    execFile(process.execPath, ['local/start.ts', ...args], { cwd: ROOT, env }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

test('--help shows the flags and starts nothing', async () => {
  const { code, stdout } = await start(['--help']);
  expect(code).toBe(0);
  for (const word of ['--reset', '--empty', 'PORT', 'DATA_DIR', 'WEBHOOK_RETRY_SCHEDULE'])
    expect(stdout).toContain(word);
});

test.each([
  ['an unknown flag', ['--rest'], {}, /^Unknown option '--rest'/],
  ['a port that is none', [], { PORT: 'http' }, /^PORT is "http": set it to a number/],
])('%s is said in words, without a stack', async (_case, args, environment, sentence) => {
  const { code, stderr } = await start(args, environment);
  expect(code).toBe(1);
  expect(stderr).toMatch(sentence);
  expect(stderr).not.toContain('    at ');
});

test('a port in use is said before anything is started', async () => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = String(typeof address === 'object' && address !== null ? address.port : 0);
  const { code, stderr } = await start([], { PORT: port });
  server.close();
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`^Port ${port} is in use: [^\n]*\n$`));
});

test('a second system on the same data is refused, with the process that has it', async () => {
  const dataDir = mkdtempSync(join(folder, 'taken-'));
  writeFileSync(join(dataDir, 'running.json'), JSON.stringify({ process: markOf(process.pid) }));
  const { code, stderr } = await start([], { DATA_DIR: dataDir });
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`^Another Followthrough \\(process ${process.pid}\\) runs on [^\n]*\n$`));
});
