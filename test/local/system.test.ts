import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CannotStart } from '../../local/cannot-start.ts';
import { markOf } from '../../local/services/process-mark.ts';
import { findRunning } from '../../local/services/running.ts';
import { type System, type SystemOptions, startSystem } from '../../local/system.ts';

let dataDir: string;
let system: System | undefined;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'followthrough-system-'));
});

afterEach(async () => {
  await system?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(options: Partial<SystemOptions> = {}): Promise<System> {
  system = await startSystem({ dataDir, port: 0, quick: true, ...options });
  return system;
}

async function commitments({ url }: System): Promise<string[]> {
  const answer = await fetch(`${url}/v1/commitments?limit=200`);
  const { data } = (await answer.json()) as { data: { id: string }[] };
  return data.map(({ id }) => id).sort();
}

async function readsTheTrail({ url }: System, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  return (await fetch(`${url}/v1/audit/entries?limit=1`, { headers })).status;
}

test('the sample is loaded once, tokens outlive a restart, and a reset ends both', async () => {
  const first = await start();
  const loaded = await commitments(first);
  expect(loaded).toHaveLength(85);
  const token = await first.token('auditor');
  expect(await readsTheTrail(first, token)).toBe(200);
  await first.stop();
  expect(findRunning(dataDir)).toBeNull();
  for (const pid of Object.values(first.pids)) expect(markOf(pid)).toBeNull();

  const second = await start();
  expect(await commitments(second)).toEqual(loaded);
  expect(second.issuer).toBe(first.issuer);
  expect(await readsTheTrail(second, token)).toBe(200);
  await second.stop();

  const empty = await start({ reset: true, sample: false });
  expect(await commitments(empty)).toEqual([]);
  expect(await readsTheTrail(empty, token)).toBe(401);
  await empty.stop();
  expect(await commitments(await start())).toEqual([]);
}, 180_000);

test('what it needs and has lost is named', async () => {
  const { pids, failed } = await start({ sample: false });
  process.kill(pids.queues, 'SIGKILL');
  expect(await failed).toBe('queues was ended by SIGKILL');
});

test('a start that fails leaves nothing behind', async () => {
  const other = await start({ sample: false });
  const taken = Number(new URL(other.url).port);
  const elsewhere = mkdtempSync(join(tmpdir(), 'followthrough-system-'));
  try {
    await expect(startSystem({ dataDir: elsewhere, port: taken })).rejects.toThrow(CannotStart);
    expect(findRunning(elsewhere)).toBeNull();
  } finally {
    rmSync(elsewhere, { recursive: true, force: true });
  }
});
