import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type InProcess, startInProcess } from '../kit/in-process.ts';
import { registerCommitment, registerResponse } from '../kit/sample.ts';
import { until } from '../kit/wait.ts';

let system: InProcess;
let dir: string;

beforeAll(async () => {
  system = await startInProcess();
  dir = mkdtempSync(join(tmpdir(), 'followthrough-export-'));
});
afterAll(async () => {
  await system?.remove();
  rmSync(dir, { recursive: true, force: true });
});

interface Job {
  id: string;
  state: string;
  rows: number;
  checkpoint: number;
  reason?: string;
  files: { name: string; url: string }[];
}

/** Follows every redirect, as a browser or curl does. */
async function fetched(path: string): Promise<Buffer> {
  const token = await system.system.token('auditor');
  const response = await fetch(new URL(path, system.system.url), {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

async function ask(format: string, query: Record<string, string> = {}): Promise<Job> {
  const asked = await system.call('POST /v1/audit/exports', { as: 'auditor', body: { format, query } });
  expect({ status: asked.status, body: asked.body }).toMatchObject({ status: 201 });
  return asked.body as unknown as Job;
}

describe('an auditor takes the trail away', () => {
  it('has the whole folder in one download, and it verifies offline', async () => {
    const responseId = await registerResponse(system);
    for (let n = 0; n < 5; n += 1) await registerCommitment(system, responseId, { title: `Promise ${n}` });
    const sized = await until(async () => {
      const { status, body } = await system.call('GET /v1/audit/checkpoint');
      const size = Number(String(body).split('\n')[1]);
      return status === 200 && size >= 6 ? size : undefined;
    });
    expect(sized).toBeGreaterThan(0);

    const job = await ask('bundle');
    const file = job.files[0];
    const archive = await fetched(file?.url ?? '');
    writeFileSync(join(dir, 'bundle.tar'), archive);
    const folder = join(dir, 'folder');
    mkdirSync(folder);
    execFileSync('tar', ['-xf', join(dir, 'bundle.tar'), '-C', folder]);
    const manifest = JSON.parse(readFileSync(join(folder, 'export/manifest.json'), 'utf8')) as object;
    expect(manifest).toMatchObject({ checkpoint: { size: job.checkpoint } });
    const run = spawnSync(process.execPath, ['verify/main.ts', folder], { encoding: 'utf8' });
    expect(`${run.stdout}${run.stderr}`).not.toContain('!');
    expect(run.status).toBe(0);
    for (const check of ['root', 'records', 'states', 'rows', 'export'])
      expect(run.stdout).toMatch(new RegExp(`holds +${check} `));
  });

  it('has the lines of the view in a file', async () => {
    const job = await ask('jsonl', { order: 'asc' });
    const lines = (await fetched(job.files[0]?.url ?? '')).toString();
    const view = await system.call(`GET /v1/audit/entries?order=asc&limit=200&checkpoint=${job.checkpoint}`, {
      as: 'auditor',
    });
    const shown = (view.body['data'] as unknown as object[]).map((entry) => `${JSON.stringify(entry)}\n`);
    expect(lines).toBe(shown.join(''));
  });
});
