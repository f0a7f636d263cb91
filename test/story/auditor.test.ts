import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { leafHash } from '../../shared/tlog/merkle.ts';
import { parsePolicy } from '../../shared/tlog/policy.ts';
import { verifyProof } from '../../shared/tlog/proof.ts';
import type { Report } from '../../verify/report.ts';
import type { Json } from '../kit/api.ts';
import { type InProcess, startInProcess } from '../kit/in-process.ts';
import { registerCommitment, registerResponse } from '../kit/sample.ts';
import { until } from '../kit/wait.ts';

/** One year of a commitment, and the auditor who believes nobody. Each step goes on where the one before ended. */
let system: InProcess;
let dir: string;
let commitment: string;
/** Kept on the auditor's own disk early on. */
let kept: { checkpoint: string; key: string };

beforeAll(async () => {
  system = await startInProcess();
  dir = mkdtempSync(join(tmpdir(), 'followthrough-auditor-'));
  const responseId = await registerResponse(system);
  commitment = String((await registerCommitment(system, responseId))['id']);
});
afterAll(async () => {
  await system?.remove();
  rmSync(dir, { recursive: true, force: true });
});

const post = (path: string, as: Parameters<InProcess['call']>[1] extends infer A ? A : never) =>
  system.call(`POST /v1/commitments/${commitment}/${path}`, as);

/** Waits until what a query finds first is in the log, and answers it. To ask is an entry too, so the trail itself is never at rest. */
const placed = (query: string): Promise<Json> =>
  until<Json>(async () => {
    const [first] = await ask(`${query}&limit=1`);
    return Number.isInteger(first?.['index']) ? first : undefined;
  });

async function ask(query: string): Promise<Json[]> {
  const { status, body } = await system.call(`GET /v1/audit/entries?${query}`, { as: 'auditor' });
  expect(status).toBe(200);
  return body['data'] as Json[];
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

/** Asks for a bundle, fetches and unpacks it. */
async function takeHome(name: string, query: Record<string, string> = {}): Promise<string> {
  const asked = await system.call('POST /v1/audit/exports', {
    as: 'auditor',
    body: { format: 'bundle', query },
  });
  expect({ status: asked.status, body: asked.body }).toMatchObject({ status: 201 });
  const archive = join(dir, `${name}.tar`);
  writeFileSync(archive, await fetched(String(asked.body['files']?.[0]?.['url'])));
  const folder = join(dir, name);
  mkdirSync(folder);
  execFileSync('tar', ['-xf', archive, '-C', folder]);
  return folder;
}

/** The command as it is typed, with no network but what the folder needs: none. */
function verify(...given: string[]): { status: number | null; report: Report; said: string } {
  const json = join(dir, 'report.json');
  rmSync(json, { force: true });
  const run = spawnSync(process.execPath, ['verify/main.ts', ...given, '--json', json], { encoding: 'utf8' });
  return {
    status: run.status,
    report: JSON.parse(readFileSync(json, 'utf8')) as Report,
    said: run.stdout + run.stderr,
  };
}

const held = ({ checks }: Report) =>
  checks.filter(({ status }) => status === 'holds').map(({ check }) => check);
const found = ({ checks }: Report) =>
  checks.filter(({ status }) => status === 'finding').map(({ check }) => check);

describe('an auditor who trusts nobody', () => {
  it('keeps a checkpoint and the key, early on', async () => {
    await placed('action=register-commitment');
    const [checkpoint, key] = await Promise.all(
      ['checkpoint', 'key'].map((name) => system.call(`GET /v1/audit/${name}`)),
    );
    kept = { checkpoint: join(dir, 'kept'), key: join(dir, 'key') };
    writeFileSync(kept.checkpoint, String(checkpoint?.body));
    writeFileSync(kept.key, String(key?.body));
    expect(String(checkpoint?.body)).toContain('followthrough.local/witness');
  });

  it('sees who did what, and who was not let do it', async () => {
    const evidence = [{ title: 'Register of staff trained', url: 'https://example.org/register' }];
    const claim = { narrative: 'All of Anna’s team are trained.', status: 'reported_complete', evidence };
    const started = { narrative: 'Begun.', status: 'in_progress' };
    expect((await post('updates', { as: 'focal-verifier', version: 1, body: started })).status).toBe(201);
    expect((await post('updates', { as: 'focal-verifier', version: 3, body: claim })).status).toBe(201);
    const version = Number((await system.call(`GET /v1/commitments/${commitment}`)).body['version']);
    const decision = { decision: 'verified', reason: 'I say so.' };
    const own = await post('verifications', { as: 'focal-verifier', version, body: decision });
    expect(own.body['code']).toBe('self-verification');
    expect((await post('verifications', { as: 'verifier', version, body: decision })).status).toBe(201);

    await placed('action=verify&outcome=success');
    const entries = await ask(`commitment=${commitment}&order=asc`);
    expect(new Set(entries.map(({ action }) => String(action)))).toEqual(
      new Set(['register-commitment', 'report-progress', 'verify']),
    );
    const attempt = await placed('question=self-dealing&outcome=refused');
    expect(attempt).toMatchObject({ action: 'verify', code: 'self-verification', outcome: 'refused' });
    const duties = await system.call('GET /v1/audit/duties', { as: 'auditor' });
    const rule = (duties.body['data'] as Json[]).find(({ id }) => String(id) === 'report-and-verify');
    expect([rule?.['violations']?.['count'], rule?.['attempts']?.['count']]).toEqual([0, 1]);
  });

  it('has a proof for one entry that needs nothing but a policy', async () => {
    const attempt = await placed('question=self-dealing&outcome=refused');
    const proof = await system.call(`GET /v1/audit/entries/${attempt['index']}/proof`, { as: 'auditor' });
    const policy = parsePolicy(String((await system.call('GET /v1/audit/policy')).body));
    if (!policy.ok) throw new Error(JSON.stringify(policy.errors));
    const leaf = leafHash(Buffer.from(String(attempt['bytes'])));
    expect(verifyProof(String(proof.body), leaf, policy.policy)).toMatchObject({ ok: true });
    const other = leafHash(Buffer.from(String(attempt['bytes']).replace('refused', 'success')));
    expect(verifyProof(String(proof.body), other, policy.policy)).toMatchObject({ ok: false });
  });

  it('follows one commitment from hand to hand', async () => {
    const chain = await system.call(`GET /v1/audit/custody?commitment=${commitment}`, { as: 'auditor' });
    const links = (chain.body['data'] as Json[]).filter(({ stream }) => String(stream) === commitment);
    expect(links.length).toBeGreaterThan(4);
    for (const [at, link] of links.entries())
      expect(link['previousHash']).toBe(at === 0 ? null : links[at - 1]?.['recordHash']);
  });

  it('takes everything home in one file, and it holds there, since the checkpoint that was kept', async () => {
    const folder = await takeHome('whole');
    const { status, report, said } = verify(folder, '--key', kept.key, '--since', kept.checkpoint);
    expect({ status, found: found(report), said }).toMatchObject({ status: 0, found: [] });
    expect(held(report)).toEqual(
      expect.arrayContaining([
        'key',
        'witness-quorum',
        'root',
        'consistency',
        'streams',
        'records',
        'states',
        'rows',
        'export',
      ]),
    );
  });

  it('finds a text redacted that two people let go, and nothing missing', async () => {
    const history = await system.all(`/v1/commitments/${commitment}/history`);
    const sequence = history.findIndex(({ bytes }) => String(bytes).includes('progress_reported')) + 1;
    expect(sequence).toBeGreaterThan(1);
    const asked = await system.call('POST /v1/erasures', {
      as: 'administrator',
      body: {
        kind: 'text',
        stream: commitment,
        sequence,
        path: 'narrative',
        reasonCode: 'data-subject-request',
      },
    });
    expect(asked.status).toBe(201);
    const decided = await system.call(`POST /v1/erasures/${asked.body['id']}/decisions`, {
      as: 'auditor',
      body: { decision: 'approved' },
    });
    expect(decided.body['state']).toBe('erased');
    await placed('action=erase');
    const { status, report, said } = verify(await takeHome('redacted'), '--since', kept.checkpoint);
    expect({ status, said }).toMatchObject({ status: 0 });
    expect(said).toMatch(/redacted 1/);
    expect(held(report)).toContain('records');
  });

  it('draws a sample that can be drawn again at home', async () => {
    const folder = await takeHome('sample', { sample: '4', seed: 'the auditor’s dice', outcome: 'success' });
    const { status, report, said } = verify(folder);
    expect({ status, said }).toMatchObject({ status: 0 });
    expect(held(report)).toContain('export');
    const lines = readFileSync(join(folder, 'export/entries.jsonl'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(4);

    const file = join(folder, 'export/entries.jsonl');
    writeFileSync(file, `${lines.slice(1).join('\n')}\n`);
    const less = verify(folder);
    expect([less.status, found(less.report)]).toEqual([1, ['export']]);
  });

  it('finds that someone looked, asked, and carried away: themselves', async () => {
    await until(async () => (await ask('action=download-export')).length >= 3 || undefined);
    const mine = await ask('question=viewed-or-exported&limit=200');
    expect(new Set(mine.map(({ actor }) => String(actor['role'])))).toEqual(new Set(['auditor']));
    expect(new Set(mine.map(({ action }) => String(action)))).toEqual(
      new Set(['read-trail', 'export-trail', 'download-export']),
    );
    expect(await ask('action=sign-in')).not.toEqual([]);
  });

  it('has the lines of the view in a file', async () => {
    const asked = await system.call('POST /v1/audit/exports', {
      as: 'auditor',
      body: { format: 'jsonl', query: { order: 'asc' } },
    });
    const lines = (await fetched(String(asked.body['files']?.[0]?.['url']))).toString();
    const view = await system.all(
      `/v1/audit/entries?order=asc&limit=200&checkpoint=${asked.body['checkpoint']}`,
      {
        as: 'auditor',
      },
    );
    expect(lines).toBe(view.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  });
});
