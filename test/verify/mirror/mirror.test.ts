import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diskFolder } from '../../../verify/folder/disk.ts';
import { httpClient } from '../../../verify/mirror/http.ts';
import { mirror } from '../../../verify/mirror/mirror.ts';
import { mirrorTarget } from '../../../verify/mirror/target.ts';
import { verify } from '../../../verify/verify.ts';
import { bundleOf, type Files, honestWorld } from '../../kit/audit-world.ts';

const RETRY = { pauses: [1, 1], timeout: 5000 };

let server: Server;
let base: string;
let save: string;
let files: Files;
/** What is answered in the place of what a system would answer, by the path asked. */
let odd: Map<
  string,
  (asked: number) => { status: number; body?: string | Uint8Array; headers?: Record<string, string> } | null
>;
let asked: Map<string, number>;

const linesIn = (path: string): unknown[] =>
  Buffer.from(files.get(path) ?? [])
    .toString()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);

/** Pages of two, so that there are several. */
function page(rows: unknown[], cursor: string | null): string {
  const from = Number(cursor ?? 0);
  return JSON.stringify({
    data: rows.slice(from, from + 2),
    next_cursor: from + 2 < rows.length ? String(from + 2) : null,
  });
}

/** The routes of a system that shows what the files hold. */
function answer(path: string, query: URLSearchParams): string | Uint8Array | null {
  const cursor = query.get('cursor');
  const states = linesIn('states.jsonl') as { id: string }[];
  const [, id, history] = /^\/v1\/commitments\/([^/]+)(\/history)?$/.exec(path) ?? [];
  if (history) {
    const records = (
      linesIn('records.jsonl') as { stream: string; texts: Record<string, [string, string]> }[]
    )
      .filter(({ stream }) => stream === id)
      .map(({ texts, ...record }) => ({
        ...record,
        texts: Object.fromEntries(
          Object.entries(texts).map(([name, [text, salt]]) => [name, { text, salt }]),
        ),
      }));
    return records.length > 0 ? page(records, cursor) : null;
  }
  if (id) {
    const state = states.find((one) => one.id === id);
    return state ? JSON.stringify(state) : null;
  }
  if (path === '/v1/commitments') return page(states, cursor);
  if (path === '/v1/audit/rows') return page(linesIn('rows.jsonl'), cursor);
  if (path === '/v1/audit/checkpoints') return page(linesIn('checkpoints.jsonl'), cursor);
  return files.get(path.slice('/v1/audit/'.length)) ?? null;
}

beforeEach(async () => {
  files = await bundleOf(honestWorld());
  odd = new Map();
  asked = new Map();
  save = mkdtempSync(join(tmpdir(), 'mirror-test-'));
  server = createServer(({ url = '/', headers }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://x');
    const times = (asked.get(pathname) ?? 0) + 1;
    asked.set(pathname, times);
    const strange = odd.get(pathname)?.(times);
    if (strange) {
      response.writeHead(strange.status, strange.headers).end(strange.body);
      return;
    }
    const needsToken = /rows|tile\/entries/.test(pathname);
    if (needsToken && headers.authorization !== 'Bearer good') {
      response.writeHead(401).end();
      return;
    }
    const body = answer(pathname, searchParams);
    response.writeHead(body === null ? 404 : 200).end(body ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  rmSync(save, { recursive: true, force: true });
  await new Promise((resolve) => server.close(resolve));
});

async function mirrored(token: string | undefined = 'good') {
  const target = await mirrorTarget(save);
  await mirror(httpClient(base, token, RETRY), target, token !== undefined, () => {});
  return verify(diskFolder(save), { takenAt: Date.parse('2026-11-24T10:10:00.000Z') });
}

const found = (report: Awaited<ReturnType<typeof verify>>) =>
  report.checks.filter(({ status }) => status === 'finding').map(({ check }) => check);

describe('the mirror of a system', () => {
  it('is a folder that holds', async () => {
    const report = await mirrored();
    expect(found(report)).toEqual([]);
    expect(report.exit).toBe(0);
    const holding = report.checks.filter(({ status }) => status === 'holds').map(({ check }) => check);
    expect(holding).toEqual(
      expect.arrayContaining(['records', 'states', 'rows', 'consistency', 'merge-delay', 'manifests']),
    );
    expect(readFileSync(join(save, 'checkpoint'))).toEqual(Buffer.from(files.get('checkpoint') ?? []));
  });

  it('without a token is the public part, and says so', async () => {
    const target = await mirrorTarget(save);
    await mirror(httpClient(base, undefined, RETRY), target, false, () => {});
    const report = await verify(diskFolder(save));
    expect(report.exit).toBe(2);
    expect(report.checks.find(({ check }) => check === 'root')?.status).toBe('holds');
    expect(readdirSync(save)).not.toContain('rows.jsonl');
  });

  it('tells of a commitment that the log names and the system hides', async () => {
    const states = linesIn('states.jsonl').slice(1);
    files.set('states.jsonl', Buffer.from(states.map((state) => `${JSON.stringify(state)}\n`).join('')));
    expect(found(await mirrored())).toContain('states');
  });

  it('tells of records that the system hides', async () => {
    const records = (linesIn('records.jsonl') as { stream: string }[]).filter(
      ({ stream }) => !stream.startsWith('cmt_'),
    );
    files.set('records.jsonl', Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join('')));
    expect(found(await mirrored())).toContain('records');
  });

  it('tells of rows that the list of rows leaves out', async () => {
    const rows = linesIn('rows.jsonl').slice(1);
    files.set('rows.jsonl', Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join('')));
    expect(found(await mirrored())).toContain('rows');
  });

  it('tells of a tile that is not given', async () => {
    odd.set('/v1/audit/tile/0/000.p/10', () => ({ status: 404 }));
    expect(found(await mirrored())).toEqual(['tiles']);
  });

  it('asks again what fails in passing', async () => {
    odd.set('/v1/audit/key', (times) => (times < 3 ? { status: times === 1 ? 503 : 429 } : null));
    expect((await mirrored()).exit).toBe(0);
    expect(asked.get('/v1/audit/key')).toBe(3);
  });

  it.each([
    ['refuses the token', '/v1/audit/tile/entries/000.p/10', { status: 401 }, /token/],
    ['is broken', '/v1/audit/rows', { status: 500 }, /500/],
    [
      'sends elsewhere',
      '/v1/audit/key',
      { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
      /can not be reached/,
    ],
    ['has no checkpoint', '/v1/audit/checkpoint', { status: 404 }, /no checkpoint/],
    ['gives nonsense as its checkpoint', '/v1/audit/checkpoint', { status: 200, body: 'nonsense' }, /none/],
    ['gives nonsense as a list', '/v1/audit/rows', { status: 200, body: '{"data":1}' }, /list/],
    ['gives no JSON as a list', '/v1/audit/rows', { status: 200, body: '<html>' }, /JSON/],
    [
      'gives a list that never ends',
      '/v1/audit/rows',
      { status: 200, body: '{"data":[],"next_cursor":"x"}' },
      /again and again/,
    ],
  ])('says what is wrong where the system %s', async (_, path, strange, message) => {
    odd.set(path, () => strange);
    await expect(mirrored()).rejects.toThrow(message);
  });

  it('needs a folder of its own', async () => {
    writeFileSync(join(save, 'old'), '');
    await expect(mirrored()).rejects.toThrow(/not empty/);
  });
});
