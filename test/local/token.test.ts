import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Issuer, startIssuer } from '../../local/identity/issuer.ts';
import { freePort } from '../../local/services/ports.ts';
import { announce, claim } from '../../local/services/running.ts';

const ROOT = resolve(import.meta.dirname, '../..');

let dataDir: string;
let issuer: Issuer;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'followthrough-token-'));
  issuer = await startIssuer({ dataDir, port: await freePort() });
  await claim(dataDir);
  announce(dataDir, { url: 'http://127.0.0.1:1', issuer: issuer.url });
});

afterAll(async () => {
  await issuer.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

interface Ran {
  code: number | string | null;
  stdout: string;
  stderr: string;
}

/** As typed into a shell: without what an npm around the tests has set. */
function run(command: string, args: string[], data = dataDir): Promise<Ran> {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'));
  const env = { ...Object.fromEntries(own), DATA_DIR: data };
  return new Promise((done) => {
    execFile(command, args, { cwd: ROOT, env }, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : (error.code ?? null), stdout, stderr });
    });
  });
}

const token = (args: string[], data?: string) => run(process.execPath, ['local/token.ts', ...args], data);

test('`npm run token -- auditor` prints the token of the auditor and nothing else', async () => {
  const { code, stdout } = await run('npm', ['run', 'token', '--', 'auditor']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  const claims = JSON.parse(Buffer.from(stdout.split('.')[1] ?? '', 'base64url').toString());
  expect(claims).toMatchObject({ sub: 'auditor', iss: issuer.url });
}, 30_000);

test.each([
  [['nobody'], /^Nobody here is "nobody"/],
  [[], /^Say who/],
])('for %j it names the people there are, on stderr', async (args, sentence) => {
  const { code, stdout, stderr } = await token(args);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(sentence);
  expect(stderr).toMatch(/\n {2}focal-verifier\n/);
});

test('without a running system it says so in one sentence', async () => {
  const { code, stdout, stderr } = await token(['auditor'], join(dataDir, 'elsewhere'));
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^No Followthrough runs on .*: start it with `npm start` and try again\.\n$/);
});
