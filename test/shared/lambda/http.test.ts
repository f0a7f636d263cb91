import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { reject } from '../../../shared/commitment/rejection.ts';
import { type Answer, type Call, type Door, httpDoor, type Route } from '../../../shared/lambda/http.ts';
import type { Person } from '../../../shared/lambda/person.ts';
import { PROBLEMS, problem, rejected } from '../../../shared/lambda/problem.ts';
import { Contention } from '../../../shared/store/transaction.ts';

const ROUTES: Route[] = [
  { route: 'GET /open', access: 'anyone' },
  { route: 'POST /open', access: 'anyone' },
  { route: 'GET /mine', access: 'signed-in' },
  { route: 'GET /trail', access: ['auditor', 'administrator'] },
  { route: 'POST /things/{id}', access: ['coordinator', 'focal-point'], action: 'close' },
  { route: 'GET /unhandled', access: 'anyone' },
];
const PEOPLE: Record<string, Person> = Object.fromEntries(
  (['coordinator', 'focal-point', 'auditor'] as const).map((role) => [
    role,
    {
      subject: `subject-${role}`,
      name: null,
      roles: [role],
      units: { include: [], except: [] },
      signIn: `of ${role}`,
    },
  ]),
);

interface Asked {
  token?: string;
  authorization?: string;
  body?: string;
  base64?: boolean;
  type?: string;
  id?: string;
}

interface Opened {
  identify?: Door['identify'];
}

/** A door with these handlers; `ask` sends one request through it. */
function door(
  handle: (call: Call) => Promise<Answer> | Answer = () => ({ status: 204 }),
  { identify }: Opened = {},
) {
  const logged: Record<string, unknown>[] = [];
  const refusals: string[] = [];
  const calls: Call[] = [];
  const failing = { refused: false };
  const handler = httpDoor({
    routes: ROUTES,
    handlers: Object.fromEntries(
      ROUTES.filter(({ route }) => route !== 'GET /unhandled').map(({ route }) => [
        route,
        async (call: Call) => {
          calls.push(call);
          return handle(call);
        },
      ]),
    ),
    verify: async (token) => {
      if (token === 'away')
        throw Object.assign(new Error('ECONNREFUSED 10.0.0.7'), { name: 'KeysUnavailable' });
      return PEOPLE[token] ?? null;
    },
    ...(identify && { identify }),
    clock: () => '2026-11-24T10:00:00.000Z',
    log: { info: () => undefined, error: (message, fields) => logged.push({ message, ...fields }) },
    refused: async (call, { action }, { status }) => {
      if (failing.refused) throw new Error('table is gone');
      refusals.push(`${call.person?.subject ?? 'nobody'} ${action ?? '-'} ${status}`);
    },
  });
  const ask = async (
    route: string,
    { token, authorization, body, base64 = false, type, id = '7' }: Asked = {},
  ) => {
    const [method = '', path = ''] = route.split(' ');
    const event = {
      version: '2.0',
      routeKey: route,
      rawPath: path.replace('{id}', '7'),
      headers: {
        ...((token ?? authorization) !== undefined && { authorization: authorization ?? `Bearer ${token}` }),
        ...(type && { 'content-type': type }),
      },
      pathParameters: { id },
      queryStringParameters: { q: 'ä' },
      requestContext: { requestId: 'req-1', http: { method, path } },
      ...(body !== undefined && { body }),
      isBase64Encoded: base64,
    } as unknown as APIGatewayProxyEventV2;
    const result: APIGatewayProxyStructuredResultV2 = await handler(event, {} as never);
    const json = String(result.headers?.['content-type'] ?? '').includes('json');
    return {
      ...result,
      headers: result.headers ?? {},
      problem: json ? JSON.parse(result.body ?? 'null') : null,
    };
  };
  return { ask, calls, logged, refusals, failing };
}

describe('who may come in', () => {
  it.each<[string, Asked, number, string | null]>([
    ['GET /open', {}, 204, null],
    ['GET /open', { token: 'expired' }, 204, null],
    ['HEAD /open', {}, 204, null],
    ['HEAD /trail', {}, 401, 'unauthenticated'],
    ['HEAD /things/{id}', {}, 404, 'not-found'],
    ['GET /open', { token: 'away' }, 204, null],
    ['GET /mine', {}, 401, 'unauthenticated'],
    ['GET /mine', { token: 'expired' }, 401, 'invalid-token'],
    ['GET /mine', { authorization: 'Basic Y29vcmRpbmF0b3I6' }, 401, 'unauthenticated'],
    ['GET /mine', { authorization: 'Bearer' }, 401, 'unauthenticated'],
    ['GET /mine', { authorization: 'coordinator' }, 401, 'unauthenticated'],
    ['GET /mine', { authorization: 'bearer coordinator' }, 204, null],
    ['GET /mine', { token: 'auditor' }, 204, null],
    ['GET /mine', { token: 'away' }, 503, 'try-again'],
    ['GET /trail', { token: 'auditor' }, 204, null],
    ['GET /trail', { token: 'coordinator' }, 403, 'forbidden'],
    ['GET /trail', {}, 401, 'unauthenticated'],
    ['POST /things/{id}', { token: 'focal-point' }, 204, null],
    ['POST /things/{id}', { token: 'auditor' }, 403, 'forbidden'],
    ['GET /nowhere', {}, 404, 'not-found'],
    ['GET /unhandled', {}, 404, 'not-found'],
  ])('%s with %j: %i %s', async (route, asked, status, code) => {
    const { ask, calls } = door();
    const answer = await ask(route, asked);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['request-id']).toBe('req-1');
    expect(calls).toHaveLength(status === 204 ? 1 : 0);
    if (code) {
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(answer.problem).toMatchObject({
        code,
        status,
        type: `/problems/${code}`,
        title: expect.any(String),
        detail: expect.any(String),
      });
    }
    const realm = 'Bearer realm="followthrough"';
    const challenge = code === 'invalid-token' ? `${realm}, error="invalid_token"` : realm;
    expect(answer.headers['www-authenticate']).toBe(status === 401 ? challenge : undefined);
  });

  it('looks for nothing under a name that no key could hold', async () => {
    const { ask, calls, refusals } = door();
    const asked = { token: 'coordinator', id: 'x'.repeat(3000) };
    expect((await ask('POST /things/{id}', asked)).problem).toMatchObject({ code: 'not-found', status: 404 });
    expect(calls).toEqual([]);
    expect(refusals).toEqual(['subject-coordinator close 404']);
    expect((await ask('POST /things/{id}', { ...asked, id: 'x'.repeat(200) })).statusCode).toBe(204);
  });

  it('comes in the first role of the route, and without one where anyone may', async () => {
    const { ask, calls } = door();
    await ask('POST /things/{id}', { token: 'focal-point' });
    await ask('GET /open', { token: 'expired' });
    expect(calls.map(({ role, person }) => [role, person?.subject ?? null])).toEqual([
      ['focal-point', 'subject-focal-point'],
      ['person', null],
    ]);
  });
});

describe('who acts', () => {
  const identify: Door['identify'] = async ({ subject, signIn }) => ({
    id: `per of ${subject}`,
    session: `ses ${signIn}`,
  });

  it('is known by pseudonym, role and session, asked for once', async () => {
    let asked = 0;
    const { ask, calls } = door(undefined, {
      identify: (person, call) => {
        asked += 1;
        return identify(person, call);
      },
    });
    await ask('POST /things/{id}', { token: 'focal-point' });
    await ask('GET /mine', { token: 'auditor' });
    expect(await Promise.all(calls.map((call) => call.actor()))).toEqual([
      { id: 'per of subject-focal-point', role: 'focal-point', session: 'ses of focal-point' },
      { id: 'per of subject-auditor', role: 'auditor', session: 'ses of auditor' },
    ]);
    expect(asked).toBe(2);
  });

  it('is known before the door is closed to them, and where it is', async () => {
    const seen: string[] = [];
    const { ask, refusals } = door(undefined, {
      identify: async (person, call) => {
        seen.push(`${person.subject} at ${call.route}`);
        return identify(person, call);
      },
    });
    expect((await ask('GET /trail', { token: 'coordinator' })).statusCode).toBe(403);
    expect(seen).toEqual(['subject-coordinator at GET /trail']);
    expect(refusals).toEqual(['subject-coordinator - 403']);
  });

  it('is not let in where the sign-in can not be recorded', async () => {
    const { ask, calls } = door(undefined, { identify: () => Promise.reject(new Contention('lost')) });
    expect((await ask('GET /mine', { token: 'auditor' })).statusCode).toBe(503);
    expect(calls).toEqual([]);
    expect((await ask('GET /open')).statusCode).toBe(204);
  });

  it('is nobody without a token', async () => {
    const { ask, calls } = door(undefined, { identify });
    await ask('GET /open');
    await expect(calls[0]?.actor()).rejects.toThrow('nobody is signed in');
  });
});

describe('what the handler gets', () => {
  it('is the call as it came in', async () => {
    const { ask, calls } = door();
    await ask('POST /things/{id}', { token: 'coordinator', body: '{"a":"é"}', type: 'application/json' });
    expect(calls[0]).toMatchObject({
      requestId: 'req-1',
      time: '2026-11-24T10:00:00.000Z',
      route: 'POST /things/{id}',
      method: 'POST',
      path: '/things/7',
      params: { id: '7' },
      query: { q: 'ä' },
    });
    expect(await calls[0]?.body()).toEqual({ value: { a: 'é' }, form: false });
    expect(calls[0]?.body()).toBe(calls[0]?.body());
  });

  it('has its body from base64 too', async () => {
    const { ask, calls } = door();
    await ask('POST /open', {
      body: Buffer.from('{"a":"é"}').toString('base64'),
      base64: true,
      type: 'application/json',
    });
    await ask('POST /open', {
      body: Buffer.from([0x22, 0xff, 0x22]).toString('base64'),
      base64: true,
      type: 'application/json',
    });
    expect(await calls[0]?.body()).toEqual({ value: { a: 'é' }, form: false });
    expect(await calls[1]?.body()).toHaveProperty('unreadable', 'malformed-body');
  });
});

describe('what the handler answers', () => {
  it('is JSON, text as it is, or bytes', async () => {
    const answers: Answer[] = [
      { status: 200, body: { a: 1 } },
      { status: 200, body: 'plain', headers: { 'content-type': 'text/plain' } },
      {
        status: 200,
        body: new Uint8Array([0, 255]),
        headers: { 'content-type': 'application/octet-stream' },
      },
      { status: 200, body: null },
      { status: 201, headers: { location: '/x', 'request-id': 'req-1' } },
    ];
    const results = await Promise.all(answers.map((answer) => door(() => answer).ask('GET /open')));
    expect(results.map(({ body, headers }) => [headers['content-type'], body])).toEqual([
      ['application/json', '{"a":1}'],
      ['text/plain', 'plain'],
      ['application/octet-stream', 'AP8='],
      ['application/json', 'null'],
      [undefined, undefined],
    ]);
    expect(results[2]?.isBase64Encoded).toBe(true);
    for (const { headers } of results)
      expect(headers).toMatchObject({ 'request-id': 'req-1', 'x-content-type-options': 'nosniff' });
  });
});

describe('what the handler throws', () => {
  it.each([
    new Error('password is hunter2'),
    new TypeError('hunter2'),
    new RangeError('hunter2'),
    { name: 'hunter2' },
    'hunter2',
  ])('becomes a bland 500, its cause in the log: %o', async (thrown) => {
    const { ask, logged, refusals } = door(() => {
      throw thrown;
    });
    const answer = await ask('POST /open');
    expect(answer).toMatchObject({ statusCode: 500, problem: { code: 'internal-error', status: 500 } });
    expect(answer.headers).toMatchObject({
      'request-id': 'req-1',
      'content-type': 'application/problem+json',
    });
    expect(JSON.stringify(answer)).not.toContain('hunter2');
    expect(answer.body).not.toContain('.ts');
    expect(logged).toEqual([
      { message: 'request failed', requestId: 'req-1', route: 'POST /open', error: thrown },
    ]);
    expect(refusals).toEqual([]);
  });

  it.each([
    new Contention('lost 5 times'),
    ...['ThrottlingException', 'ProvisionedThroughputExceededException', 'TimeoutError'].map((name) =>
      Object.assign(new Error('secret'), { name }),
    ),
  ])('is a 503 where coming again helps: $name', async (thrown) => {
    const answer = await door(() => {
      throw thrown;
    }).ask('POST /things/{id}', { token: 'coordinator' });
    expect(answer).toMatchObject({ statusCode: 503, problem: { code: 'try-again' } });
    expect(answer.headers).toMatchObject({ 'retry-after': '1', 'request-id': 'req-1' });
    expect(answer.body).not.toContain('secret');
  });
});

describe('refusals', () => {
  const answering = (status: number) => door(() => ({ status }));

  it.each([
    ['POST', 200, false],
    ['POST', 201, false],
    ['POST', 303, false],
    ['POST', 400, true],
    ['POST', 404, true],
    ['POST', 409, true],
    ['POST', 412, true],
    ['POST', 422, true],
    ['POST', 500, false],
    ['GET', 200, false],
    ['GET', 400, false],
    ['GET', 401, true],
    ['GET', 403, true],
    ['GET', 404, false],
    ['GET', 406, false],
  ])('%s answered %i: %s', async (method, status, told) => {
    const { ask, refusals } = answering(status);
    await ask(`${method} /open`, { token: 'auditor' });
    expect(refusals).toEqual(told ? [`subject-auditor - ${status}`] : []);
  });

  it('are told once, with the person and the verb, also where the door stayed closed', async () => {
    const { ask, refusals } = answering(409);
    await ask('POST /things/{id}', { token: 'coordinator' });
    await ask('POST /things/{id}', { token: 'auditor' });
    await ask('POST /things/{id}', { token: 'expired' });
    await ask('GET /trail');
    await ask('GET /nowhere');
    expect(refusals).toEqual([
      'subject-coordinator close 409',
      'subject-auditor close 403',
      'nobody close 401',
      'nobody - 401',
    ]);
  });

  it('that can not be recorded are not answered as if they had been', async () => {
    const { ask, failing, logged } = answering(409);
    failing.refused = true;
    expect(await ask('POST /open')).toMatchObject({ statusCode: 500, problem: { code: 'internal-error' } });
    expect(logged).toHaveLength(1);
  });
});

describe('problems', () => {
  it.each(Object.entries(PROBLEMS))('%s have a status, a title and their code', (code, [status, title]) => {
    const { body, headers } = problem(code as keyof typeof PROBLEMS, 'Why.', {
      version: 3,
      headers: { etag: '"v3"' },
    });
    expect(body).toEqual({ type: `/problems/${code}`, title, status, code, detail: 'Why.', version: 3 });
    expect(headers).toMatchObject({ 'content-type': 'application/problem+json', etag: '"v3"' });
  });

  it.each([
    ['self-verification', 403],
    ['not-your-unit', 403],
    ['transition-not-allowed', 409],
    ['extension-pending', 409],
    ['already-decided', 409],
    ['idempotency-key-in-use', 409],
    ['version-stale', 412],
    ['evidence-required', 422],
    ['reason-required', 422],
    ['extension-not-later', 422],
    ['idempotency-key-reused', 422],
    ['idempotency-key-missing', 400],
    ['version-missing', 428],
    ['body-too-large', 413],
    ['unsupported-media-type', 415],
    ['method-not-allowed', 405],
  ] as const)('%s is %i, as clients rely on', (code, status) => {
    expect(PROBLEMS[code][0]).toBe(status);
  });

  it('carry the field errors of a rejection', () => {
    const errors = [{ pointer: '/reason', code: 'reason-required', detail: 'A return needs a reason.' }];
    expect(rejected(reject('reason-required', 'A return needs a reason.', errors)).body).toMatchObject({
      status: 422,
      errors,
    });
    expect(rejected(reject('self-verification', 'You did.')).body).not.toHaveProperty('errors');
  });
});
