import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { endOrphan, startChild } from '../../../local/services/child.ts';
import { isAlive, markOf, type ProcessMark } from '../../../local/services/process-mark.ts';

const CHILD = resolve(import.meta.dirname, '../../../local/services/child.ts');
const STAYS = 'setInterval(() => {}, 1000)';

let dataDir: string;
const spawned: ChildProcess[] = [];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'followthrough-child-'));
});

afterEach(async () => {
  for (const child of spawned.splice(0)) child.kill('SIGKILL');
  await endOrphan(dataDir, 'idler');
  rmSync(dataDir, { recursive: true, force: true });
});

/** A process that starts a service which runs for ever, as the local system does; answers the service's mark. */
async function parentOfIdler(): Promise<{ parent: ChildProcess; idler: ProcessMark }> {
  const spec = JSON.stringify({ name: 'idler', command: process.execPath, args: ['-e', STAYS], dataDir });
  const script = `
    import { startChild } from ${JSON.stringify(CHILD)};
    const { pid } = await startChild({ ...${spec}, isReady: async () => true });
    process.stdout.write(String(pid));
    ${STAYS};`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  spawned.push(parent);
  const pid = await new Promise<number>((done) => parent.stdout?.once('data', (said) => done(Number(said))));
  const idler = markOf(pid);
  if (idler === null) throw new Error('the idler does not live');
  return { parent, idler };
}

const start = (args: string[], isReady = async () => true) =>
  startChild({ name: 'idler', command: process.execPath, args, dataDir, isReady });

test('a service ends with its parent, however that ends', async () => {
  const { parent, idler } = await parentOfIdler();
  parent.kill('SIGKILL');
  await vi.waitUntil(() => !isAlive(idler), { timeout: 5_000 });
});

test('a service that outlived its parent is ended before the next one starts', async () => {
  const { parent, idler } = await parentOfIdler();
  process.kill(guardOf(idler.pid), 'SIGKILL');
  parent.kill('SIGKILL');
  await vi.waitUntil(() => parent.signalCode !== null);
  expect(isAlive(idler)).toBe(true);
  const next = await start(['-e', STAYS]);
  expect(isAlive(idler)).toBe(false);
  expect(markOf(next.pid)).not.toBeNull();
  await next.stop();
  expect(markOf(next.pid)).toBeNull();
});

test('a process that merely has the recorded id is left alone', async () => {
  const stranger = spawn(process.execPath, ['-e', STAYS], { stdio: 'ignore' });
  spawned.push(stranger);
  const record = { pid: stranger.pid, began: 'at another time' };
  writeFileSync(join(dataDir, 'idler.process.json'), JSON.stringify(record));
  expect(await endOrphan(dataDir, 'idler')).toBe(false);
  expect(markOf(stranger.pid ?? 0)).not.toBeNull();
});

test('a service that ends before it is ready fails the start with what it said', async () => {
  const failing = start(['-e', 'console.error("no such table"); process.exit(3)'], async () => false);
  await expect(failing).rejects.toThrow(/idler ended with exit code 3.*\n {2}no such table/);
});

test('a service that ignores the request to end is ended all the same', async () => {
  const log = join(dataDir, 'logs', 'idler.log');
  const script = `process.on('SIGTERM', () => {}); console.log('deaf'); ${STAYS}`;
  const deaf = await start(['-e', script], async () => readFileSync(log, 'utf8').includes('deaf'));
  await deaf.stop();
  expect(await deaf.ended).toBe('was ended by SIGKILL');
}, 10_000);

/** The shell that waits beside the service is its only child. */
function guardOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  return Number(children[0]);
}
