import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../kit/api.ts';
import { type InProcess, startInProcess } from '../kit/in-process.ts';
import { PEOPLE, type PersonName, startIssuer } from '../kit/issuer.ts';
import { type Grounds, makeNonsense } from '../kit/nonsense.ts';
import { registerCommitment, registerResponse } from '../kit/sample.ts';
import { wrongWith } from '../kit/verdict.ts';
import { until } from '../kit/wait.ts';
import { bytesOf, exchange, type Reply, type Request, send } from '../kit/wire.ts';

/** `NONSENSE_SEED` and `NONSENSE_ROUNDS` (requests for each route) look further by hand. */
const SEED = Number(process.env['NONSENSE_SEED'] ?? 20_261_124);
const ROUNDS = Number(process.env['NONSENSE_ROUNDS'] ?? 30);
const AT_ONCE = 10;
const CROWD = 300;

let running: InProcess;
let grounds: Grounds;
let secrets: string[];

beforeAll(async () => {
  running = await startInProcess();
  const responseId = await registerResponse(running);
  const made: Json[] = [];
  const recurrence = { text: 'each year', frequency: 'yearly', from: '2024-01-01' };
  for (const fields of [{}, { draft: true }, { recurrence }, { kind: 'ongoing' }, { kind: 'done' }])
    made.push(await registerCommitment(running, responseId, fields));
  const commitmentIds = made.map(({ id }) => String(id));
  const { body } = await running.call('POST /v1/subscriptions', {
    as: 'coordinator',
    body: { channel: { type: 'webhook', url: 'https://hooks.example.org/in' }, active: false },
  });
  const erasure = await running.call('POST /v1/erasures', {
    as: 'administrator',
    body: { kind: 'text', stream: commitmentIds[0], sequence: 1, path: 'title', reasonCode: 'other' },
  });
  const wanted = await until(async () => {
    const asked = await running.call('POST /v1/audit/exports', { as: 'auditor', body: { format: 'csv' } });
    expect(asked.status).toBe(201);
    return asked;
  });
  const lists = [
    'commitments?',
    'audit/entries?checkpoint=',
    'audit/entries?',
    'audit/rows?',
    'audit/checkpoints?',
  ];
  const cursors: string[] = [];
  for (const list of lists) {
    const path = list.replace('=', `=${String(wanted.body['checkpoint'])}&`);
    const { body } = await running.call(`GET /v1/${path}limit=1`, { as: 'auditor' });
    if (body['next_cursor'] !== null) cursors.push(String(body['next_cursor']));
  }
  const people = Object.keys(PEOPLE).filter((name) => name !== 'coordinator-2') as PersonName[];
  const tokens = await Promise.all(
    people.map(async (name) => [name, await running.system.token(name)] as const),
  );
  const [head = '', claims = '', signature = ''] = (await running.system.token('auditor')).split('.');
  const unsigned = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
  const foreign = await startIssuer();
  const stranger = await foreign.token({ subject: 'coordinator', ...PEOPLE.coordinator });
  await foreign.stop();
  grounds = {
    responseId,
    commitmentIds,
    subscriptionId: String(body['id']),
    deliveryId: 'dlv_00000000000000000000000000',
    exportId: String(wanted.body['id']),
    erasureId: String(erasure.body['id']),
    cursors,
    tokens: Object.fromEntries(tokens) as Grounds['tokens'],
    falseTokens: [
      `${unsigned}.${claims}.`,
      `${head}..${signature}`,
      `${head}.${claims}.${signature.slice(2)}AA`,
      stranger,
      `${head}.${Buffer.from('{"sub":"administrator"}').toString('base64url')}.${signature}`,
    ],
    versions: new Map(commitmentIds.map((id) => [id, 1])),
  };
  secrets = [running.dataDir, ...Object.values(running.system.endpoints)];
});
afterAll(() => running.remove());

/** Sends requests side by side; what was wrong, with what was sent. */
async function judged(requests: Iterable<Request>, atOnce: number): Promise<string[]> {
  const wrong: string[] = [];
  const next = requests[Symbol.iterator]();
  const sender = async (): Promise<void> => {
    for (let { value, done } = next.next(); !done; { value, done } = next.next()) {
      const request = value as Request;
      const reply = await send(running.system.url, request);
      const verdict = wrongWith(request, reply, secrets);
      if (verdict) wrong.push(`${verdict}: ${shown(request)} → ${reply?.text.slice(0, 300)}`);
      remember(request, reply);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, sender));
  return wrong;
}

const shown = ({ method, target, headers, body }: Request): string =>
  `${method} ${target.slice(0, 200)} ${JSON.stringify(headers).slice(0, 500)} ${body?.toString().slice(0, 300)}`;

/** What is nearly right has to name the version that stands. */
function remember({ target }: Request, reply: Reply | null): void {
  const id = grounds.commitmentIds.find((known) => target.includes(known));
  const version = reply?.status === 201 ? reply.headers['etag']?.replace(/\D/g, '') : undefined;
  if (id && version) grounds.versions.set(id, Number(version));
}

describe(`nonsense of seed ${SEED}`, () => {
  it('gets a clear refusal on every route', async () => {
    const { request, routes } = makeNonsense(SEED, grounds);
    function* requests(): Generator<Request> {
      for (let round = 0; round < ROUNDS; round++) for (const route of routes) yield request(route);
    }
    expect(await judged(requests(), AT_ONCE)).toEqual([]);
  });

  it('gets one too from a crowd that comes at once', async () => {
    const { request } = makeNonsense(SEED + 1, grounds);
    const crowd = Array.from({ length: CROWD }, () => request());
    expect(await judged(crowd, CROWD)).toEqual([]);
  });
});

describe('bytes that are no HTTP, or only half of it', () => {
  const token = (): [string, string] => ['authorization', `Bearer ${grounds.tokens.coordinator}`];
  const update = (): Request => ({
    method: 'POST',
    target: `/v1/commitments/${grounds.commitmentIds[0]}/updates`,
    headers: [token(), ['content-type', 'application/json']],
    body: Buffer.from('{"narrative":"x"}'),
  });

  it.each([
    'GET / HTTP/9.9\r\n\r\n',
    '\0\x01\x02\x16\x03\x01\r\n\r\n',
    'GET /v1/health HTTP/1.1\r\nno colon\r\n\r\n',
    'GET /v1/health HTTP/1.1\r\nconnection: close\r\n\r\n',
    'GET /v1/health HTTP/1.0\r\n\r\n',
    'GET\r\n\r\n',
    `GET /${'x'.repeat(40_000)} HTTP/1.1\r\nhost: a\r\n\r\n`,
    `GET /v1/health HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
    'POST /v1/responses HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    'POST /v1/responses HTTP/1.1\r\nhost: a\r\ncontent-length: -5\r\n\r\n',
    'POST /v1/responses HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
    'GET http://evil.example/v1/health HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
    'OPTIONS * HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
    'CONNECT 169.254.169.254:80 HTTP/1.1\r\nhost: a\r\n\r\n',
    'GET /v1/health HTTP/1.1\r\nhost: a\r\nconnection: upgrade, close\r\nupgrade: h2c\r\n\r\n',
  ])('%j is refused or answered, and no more', async (text) => {
    const replies = await exchange(running.system.url, Buffer.from(`${text}`, 'latin1'));
    for (const { status, text: body } of replies) {
      expect(status).toBeLessThan(500);
      expect(body).not.toMatch(/\n\s+at /);
    }
  });

  it('answers pipelined requests in their order', async () => {
    const health: Request = { method: 'GET', target: '/v1/health', headers: [['connection', 'keep-alive']] };
    const nowhere: Request = {
      method: 'GET',
      target: '/v1/nowhere',
      headers: [['connection', 'keep-alive']],
    };
    const last: Request = { ...health, headers: [] };
    const replies = await exchange(
      running.system.url,
      Buffer.concat([health, nowhere, health, nowhere, last].map(bytesOf)),
    );
    expect(replies.map(({ status }) => status)).toEqual([200, 404, 200, 404, 200]);
  });

  it('writes nothing for a body that breaks off, and goes on', async () => {
    const before = await running.call(`GET /v1/commitments/${grounds.commitmentIds[0]}`);
    const request = update();
    const whole = bytesOf({
      ...request,
      headers: [
        ...request.headers,
        ['idempotency-key', 'broken'],
        ['if-match', String(before.headers['etag'])],
        ['content-length', '100'],
      ],
    });
    const { hostname, port } = new URL(running.system.url);
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = connect(Number(port), hostname);
        socket.on('error', () => undefined);
        await new Promise((written) => socket.write(whole, written));
        const closed = new Promise((done) => socket.on('close', done));
        socket.resetAndDestroy();
        await closed;
      }),
    );
    const after = await running.call(`GET /v1/commitments/${grounds.commitmentIds[0]}`);
    expect(after.headers['etag']).toBe(before.headers['etag']);
  });

  it.each([200_000, 262_144, 262_145, 5_000_000, 7_000_000, 11_000_000])(
    'takes a body up to the limit, and refuses one of %i bytes where that is more',
    async (size) => {
      const body = Buffer.concat([Buffer.from('{"narrative":"x"}'), Buffer.alloc(size - 17, ' ')]);
      const request = {
        ...update(),
        body,
        headers: [...update().headers, ['idempotency-key', `size-${size}`] as const],
      };
      const reply = await send(running.system.url, request);
      expect(wrongWith(request, reply, secrets)).toBeNull();
      expect(reply?.status).toBe(size > 262_144 ? 413 : 428);
    },
  );
});

describe('afterwards', () => {
  it('is well, with every worker at its work', async () => {
    expect((await running.call('GET /v1/health')).body).toMatchObject({ status: 'ok' });
    const reads = [
      'commitments',
      'rollups',
      'events',
      'openapi.json',
      'subscriptions',
      'audit/entries',
      'audit/rows',
      'audit/exports',
      'audit/checkpoint',
      'erasures',
    ];
    for (const path of reads)
      expect((await running.call(`GET /v1/${path}`, { as: 'auditor' })).status, path).toBe(200);
  });

  it('has whole histories: contiguous, chained, and every hash that of its bytes', async () => {
    const all = await running.all('/v1/commitments?limit=200');
    expect(all.length).toBeGreaterThanOrEqual(grounds.commitmentIds.length);
    for (const { id, version } of all) {
      const history = await running.all(`/v1/commitments/${String(id)}/history?limit=200`);
      expect(history.map(({ sequence }) => sequence)).toEqual(history.map((_, index) => index + 1));
      expect(history.length).toBe(version);
      let previous: string | null = null;
      for (const record of history) {
        expect(record['previousHash']).toBe(previous);
        expect(record['hash']).toBe(createHash('sha256').update(String(record['bytes'])).digest('hex'));
        previous = String(record['hash']);
      }
    }
  });

  it('has totals without drift', async () => {
    const recalculated = await until(async () => {
      const { body, status } = await running.call('POST /v1/rollups/recalculations', { as: 'administrator' });
      expect(status).toBe(201);
      return body;
    });
    expect(recalculated['drift']).toBe(0);
  });

  it('has refusals in the trail, with the codes that were answered', async () => {
    const { status } = await running.call(`POST /v1/commitments/${grounds.commitmentIds[0]}/updates`, {
      as: 'verifier',
      version: 1,
      key: 'refused-at-last',
      body: { narrative: 'x' },
    });
    expect(status).toBe(403);
    await until(async () => {
      const entries = await running.all(
        '/v1/audit/entries?outcome=refused&action=report-progress&limit=200',
        {
          as: 'auditor',
        },
      );
      expect(entries.map(({ code }) => code)).toContain('forbidden');
      return true;
    });
  });
});
