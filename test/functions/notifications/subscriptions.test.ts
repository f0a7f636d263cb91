import { randomUUID } from 'node:crypto';
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../../shared/record/canonical.ts';
import { type Api, type Asked, type Json, startApi } from '../../kit/api.ts';
import type { PersonName } from '../../kit/issuer.ts';
import { startQueueServer } from '../../kit/queue-server.ts';
import { type Receiver, startReceiver } from '../../kit/receiver.ts';
import { bus, event, type Notifications, startNotifications } from './fixture.ts';

let api: Api;
let sqs: Awaited<ReturnType<typeof startQueueServer>>;
let receiver: Receiver;
let box: Notifications;
beforeAll(async () => {
  sqs = await startQueueServer();
  receiver = await startReceiver();
  api = await startApi();
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SQS: sqs.url,
    DELIVERIES_QUEUE_URL: sqs.queueUrl,
    ALLOW_LOOPBACK_WEBHOOKS: 'true',
  });
  box = startNotifications(api.tables);
  box.wait((Date.now() - Date.parse(box.clock())) / 1000 + 5);
});
afterAll(async () => {
  await Promise.all([api.stop(), sqs.stop(), receiver.stop()]);
});
beforeEach(() => {
  receiver.received.length = 0;
  sqs.sent.length = 0;
});

const as: PersonName = 'auditor';
const webhook = () => ({ type: 'webhook', url: `${receiver.url}/hook` });
const make = (body: object = {}, asked: Asked = {}) =>
  api.call('POST /v1/subscriptions', { as, body: { channel: webhook(), ...body }, ...asked });
const made = async (body: object = {}) => (await make(body)).body as Json;
const rows = (body: Json) => body['data'] as unknown as Json[];
const codes = (body: Json): string[] =>
  ((body['errors'] ?? []) as unknown as Json[]).map((error) => `${error['pointer']} ${error['code']}`);
/** Attempts what was sent to the queue, as the delivering function does. */
const deliver = async () => {
  await box.send(
    sqs.sent.splice(0).map(({ body }) => (JSON.parse(body) as { deliveryId: string }).deliveryId),
    0,
  );
  await box.drain();
};

describe('what a person does to a subscription', () => {
  it('is recorded for the trail in one chain, each command once, with neither address nor secret', async () => {
    const key = randomUUID();
    const { id } = (await make({}, { key })).body;
    await make({}, { key });
    const path = `/v1/subscriptions/${id}`;
    await api.call(`PATCH ${path}`, { as, body: { description: 'ours' } });
    await api.call(`PATCH ${path}`, { as, body: { description: 'ours' } });
    await api.call(`POST ${path}/secrets`, { as });
    const test = (await api.call(`POST ${path}/tests`, { as })).body;
    const since = '2026-11-24T08:00:00.000Z';
    const again = [{ body: { since } }, {}].map((asked) => ({ as, key: randomUUID(), ...asked }));
    for (const asked of [...again, ...again]) {
      const route = 'body' in asked ? `${path}/recoveries` : `/v1/deliveries/${test['id']}/resends`;
      expect((await api.call(`POST ${route}`, asked)).status).toBe(202);
    }
    await api.call(`DELETE ${path}`, { as });
    const { Items = [] } = await api.tables.client.send(
      new QueryCommand({
        TableName: api.tables.tables.commands,
        KeyConditionExpression: 'pk = :stream',
        ExpressionAttributeValues: { ':stream': { S: `acts.${id}` } },
      }),
    );
    const hashed = Items.map((item) => JSON.parse(item['bytes']?.S ?? '{}'));
    expect(hashed.map(({ action }) => action)).toEqual([
      'create-subscription',
      'change-subscription',
      'rotate-secret',
      'test-subscription',
      'recover-deliveries',
      'resend-delivery',
      'delete-subscription',
    ]);
    expect(hashed.slice(3, 6).map(({ data }) => [data.target.id, data.facts])).toEqual([
      [id, { delivery: test['id'] }],
      [id, { since }],
      [test['id'], undefined],
    ]);
    expect(hashed.map(({ previousHash }) => previousHash)).toEqual([
      null,
      ...Items.slice(0, 6).map((item) => sha256(item['bytes']?.S ?? '')),
    ]);
    expect(hashed[0]).toMatchObject({
      actor: { id: expect.stringMatching(/^per_/), role: 'auditor' },
      data: { target: { type: 'subscription', id } },
    });
    expect(JSON.stringify(hashed)).not.toMatch(/http:|whsec_|ours/);
  });
});

describe('POST /v1/subscriptions', () => {
  it('makes one that is not yet verified, shows its secret once and asks its endpoint', async () => {
    const answer = await make({ filter: { type: [{ suffix: '.status_changed' }] }, description: ' ours ' });
    expect(answer.status).toBe(201);
    expect(answer.headers).toMatchObject({
      location: `/v1/subscriptions/${answer.body['id']}`,
      etag: '"v1"',
      'cache-control': 'no-store',
    });
    expect(answer.body).toEqual({
      id: expect.stringMatching(/^sub_/),
      channel: webhook(),
      filter: { type: [{ suffix: '.status_changed' }] },
      description: 'ours',
      active: true,
      status: 'pending_verification',
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
      version: 1,
      secret: expect.stringMatching(/^whsec_/),
    });
    expect(sqs.sent).toHaveLength(1);
    const read = await api.call(`GET /v1/subscriptions/${answer.body['id']}`, { as });
    expect(read.body).toEqual({ ...(answer.body as object), secret: undefined });
    await deliver();
    expect(receiver.received).toMatchObject([
      { path: '/hook', headers: { 'webhook-id': `${answer.body['id']}/1` } },
    ]);
    const verified = await api.call(`GET /v1/subscriptions/${answer.body['id']}`, { as });
    expect(verified).toMatchObject({ headers: { etag: '"v2"' }, body: { status: 'verified', version: 2 } });
    expect(JSON.stringify(await api.call('GET /v1/subscriptions', { as }))).not.toContain('whsec_');
  });

  it.each([undefined, null, {}])('listens to everything with the filter %s', async (filter) => {
    expect((await made({ filter }))['filter']).toBeNull();
  });

  it.each([
    [{ type: 'x' }, ['/filter/type invalid-filter']],
    [
      { type: [{ prefix: 3 }], data: { to: [{ nonsense: 1 }] } },
      ['/filter/data/to/0 invalid-filter', '/filter/type/0/prefix invalid-filter'],
    ],
    [{ type: [] }, ['/filter/type invalid-filter']],
    [{ sequence: [{ numeric: ['>', 'a'] }] }, [expect.stringMatching(/^\/filter\/sequence\/0\/numeric/)]],
    ['type', ['/filter invalid-type']],
    [[1], ['/filter invalid-type']],
    [{ type: ['x'.repeat(9000)] }, ['/filter too-big']],
  ])('refuses the filter %j, naming the place', async (filter, expected) => {
    const answer = await make({ filter });
    expect(answer.status).toBe(422);
    expect(
      codes(answer.body)
        .sort()
        .map((code) => code),
    ).toEqual(expected);
  });

  it.each([
    [{ channel: { type: 'email', address: 'a@example.org' } }, '/channel/type channel-not-available'],
    [{ channel: { type: 'webhook' } }, '/channel/url invalid-type'],
    [
      { channel: { type: 'webhook', url: 'https://example.org/', address: 'a@b.c' } },
      '/channel/address unknown-field',
    ],
    [{ channel: { type: 'pigeon', url: 'https://example.org/' } }, '/channel/type invalid-value'],
    [{ channel: { type: 'webhook', url: 'http://example.org/' } }, '/channel/url invalid-address'],
    [{ channel: { type: 'webhook', url: 'https://10.0.0.1/' } }, '/channel/url invalid-address'],
    [
      { channel: { type: 'webhook', url: 'https://[::ffff:169.254.169.254]/' } },
      '/channel/url invalid-address',
    ],
    [{ channel: { type: 'webhook', url: 'https://u:p@example.org/' } }, '/channel/url invalid-address'],
    [{ channel: { type: 'webhook', url: 7 } }, '/channel/url invalid-type'],
    [{ channel: { type: 'webhook', url: 'https://example.org/\ud800' } }, '/channel/url invalid-format'],
    [{ description: '\udfff' }, '/description invalid-format'],
    [{ filter: { type: ['\ud800'] } }, '/filter invalid-filter'],
    [{ filter: { '\ud800': ['a'] } }, '/filter invalid-filter'],
    [{ channel: null }, '/channel invalid-type'],
    [{ secret: 'mine' }, '/secret unknown-field'],
    [{ active: 'perhaps' }, '/active invalid-type'],
    [{ description: 'x'.repeat(301) }, '/description too-big'],
  ])('refuses %j', async (body, expected) => {
    const answer = await make(body);
    expect(answer.status).toBe(422);
    expect(codes(answer.body)).toEqual([expected]);
    expect(sqs.sent).toEqual([]);
  });

  it('needs a key; the same one answers the same, with the secret for ten minutes', async () => {
    expect(await make({}, { key: null })).toMatchObject({
      status: 400,
      body: { code: 'idempotency-key-missing' },
    });
    const key = randomUUID();
    const first = await make({ description: 'a' }, { key });
    const again = await make({ description: 'a' }, { key });
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.body).toEqual(first.body);
    expect(await make({ description: 'b' }, { key })).toMatchObject({
      status: 422,
      body: { code: 'idempotency-key-reused' },
    });
    // A key belongs to a person.
    const other = await make({ description: 'a' }, { key, as: 'verifier' });
    expect(other.body['id']).not.toBe(first.body['id']);
    const both = await Promise.all([1, 2, 3].map(() => make({ description: 'c' }, { key: `${key}-c` })));
    expect(new Set(both.map(({ status, body }) => `${status} ${body['id']} ${body['secret']}`)).size).toBe(1);
  });

  it('takes forms: the filter as JSON or as fields', async () => {
    const form = (fields: Record<string, string>) =>
      api.call('POST /v1/subscriptions', {
        as,
        key: null,
        body: new URLSearchParams({ _idempotency_key: randomUUID(), ...fields }).toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      });
    const base = { 'channel[type]': 'webhook', 'channel[url]': `${receiver.url}/form` };
    expect(await form({ ...base, filter: '{"type":["a"]}', active: 'false' })).toMatchObject({
      status: 201,
      body: { filter: { type: ['a'] }, active: false, channel: { url: `${receiver.url}/form` } },
    });
    expect((await form({ ...base, 'filter[type][0]': 'a' })).body['filter']).toEqual({ type: ['a'] });
    expect((await form({ ...base, filter: '', description: '' })).body).toMatchObject({
      filter: null,
      description: null,
    });
    expect(codes((await form({ ...base, filter: '{' })).body)).toEqual(['/filter invalid-filter']);
  });

  it('is for signed-in people', async () => {
    const answer = await api.call('POST /v1/subscriptions', { body: { channel: webhook() } });
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });

  it('stands although it could not be sent to the queue: the sweep finds its verification', async () => {
    sqs.refuse(true);
    const answer = await make();
    sqs.refuse(false);
    expect(answer.status).toBe(201);
    const [verification] = await box.deliveriesOf(String(answer.body['id']));
    expect(verification).toMatchObject({
      kind: 'verification',
      status: 'pending',
      nextAttemptAt: expect.any(String),
    });
  });

  it('has at most 100 a person', async () => {
    for (let start = 0; start < 100; start += 20)
      await Promise.all(Array.from({ length: 20 }, () => make({ active: false }, { as: 'coordinator-2' })));
    expect(await make({}, { as: 'coordinator-2' })).toMatchObject({
      status: 409,
      body: { code: 'limit-reached' },
    });
    const list = await api.call('GET /v1/subscriptions?limit=60', { as: 'coordinator-2' });
    const rest = await api.call(`GET /v1/subscriptions?limit=60&cursor=${list.body['next_cursor']}`, {
      as: 'coordinator-2',
    });
    const ids = [...rows(list.body), ...rows(rest.body)].map((one) => one['id']);
    expect(new Set(ids).size).toBe(100);
    expect(ids).toEqual([...ids].sort().reverse());
    expect(rest.body['next_cursor']).toBeNull();
  });
});

describe('somebody else', () => {
  it('finds nothing', async () => {
    const { id } = await made();
    const other: Asked = { as: 'verifier' };
    const [delivery] = await box.deliveriesOf(String(id));
    const calls = await Promise.all([
      api.call(`GET /v1/subscriptions/${id}`, other),
      api.call(`PATCH /v1/subscriptions/${id}`, { ...other, body: { active: false } }),
      api.call(`DELETE /v1/subscriptions/${id}`, other),
      api.call(`GET /v1/subscriptions/${id}/deliveries`, other),
      api.call(`POST /v1/subscriptions/${id}/secrets`, { ...other, body: {} }),
      api.call(`POST /v1/subscriptions/${id}/tests`, { ...other, body: {} }),
      api.call(`POST /v1/subscriptions/${id}/recoveries`, { ...other, body: { since: '2026-11-24' } }),
      api.call(`POST /v1/deliveries/${delivery?.id}/resends`, { ...other, body: {} }),
    ]);
    expect(calls.map(({ status, body }) => `${status} ${body['code']}`)).toEqual(
      Array(8).fill('404 not-found'),
    );
    const { body } = await api.call('GET /v1/subscriptions?limit=200', other);
    expect(rows(body).map((one: Json) => one['id'])).not.toContain(id);
    expect((await api.call(`GET /v1/subscriptions/${id}`, { as })).status).toBe(200);
  });

  it.each(['sub_0', 'sub_00000000000000000000000000', '%00', 'x'.repeat(3000)])(
    'finds nothing at %s',
    async (id) => {
      expect((await api.call(`GET /v1/subscriptions/${id}`, { as })).status).toBe(404);
      expect((await api.call(`POST /v1/deliveries/${id}/resends`, { as, body: {} })).status).toBe(404);
    },
  );
});

describe('PATCH /v1/subscriptions/{id}', () => {
  const patch = (id: unknown, body: object, version?: number) =>
    api.call(`PATCH /v1/subscriptions/${id}`, { as, body, ...(version !== undefined && { version }) });

  it('changes what is named, and nothing else', async () => {
    const { id } = await made({ filter: { type: ['a'] }, description: 'one' });
    await deliver();
    const changed = await patch(id, { description: 'two' });
    expect(changed).toMatchObject({
      status: 200,
      headers: { etag: '"v3"' },
      body: { description: 'two', filter: { type: ['a'] }, status: 'verified', version: 3 },
    });
    expect((await patch(id, { description: 'two' })).body['version']).toBe(3);
    expect((await patch(id, { filter: null, description: null })).body).toMatchObject({
      filter: null,
      description: null,
    });
    expect(codes((await patch(id, { filter: { type: 1 } })).body)).toEqual(['/filter/type invalid-filter']);
    expect(codes((await patch(id, { status: 'verified' })).body)).toEqual(['/status unknown-field']);
    expect(sqs.sent).toEqual([]);
  });

  it('minds If-Match where it is sent', async () => {
    const { id } = await made();
    expect(await patch(id, { description: 'x' }, 7)).toMatchObject({
      status: 412,
      body: { code: 'version-stale', version: 1 },
    });
    expect((await patch(id, { description: 'x' }, 1)).status).toBe(200);
  });

  it('verifies another address, and one that is switched on again', async () => {
    const { id } = await made();
    await deliver();
    const moved = await patch(id, { channel: { type: 'webhook', url: `${receiver.url}/moved` } });
    expect(moved.body).toMatchObject({ status: 'pending_verification', version: 3 });
    await deliver();
    expect(receiver.received.at(-1)?.path).toBe('/moved');
    expect((await patch(id, { active: false })).body).toMatchObject({ status: 'verified', active: false });
    expect((await patch(id, { active: true })).body).toMatchObject({
      status: 'pending_verification',
      active: true,
    });
    await deliver();
    expect((await api.call(`GET /v1/subscriptions/${id}`, { as })).body['status']).toBe('verified');
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([
      `${id}/1`,
      `${id}/3`,
      `${id}/6`,
    ]);
  });
});

describe('the delivery log', () => {
  it('shows attempts with headers, answer and duration, the newest event first, page by page', async () => {
    const { id, secret } = await made();
    await deliver();
    receiver.answer = (response) => response.writeHead(500).end('x'.repeat(70_000));
    for (const sequence of [1, 2, 3]) {
      box.wait(1);
      await box.match([bus(event(sequence, box.clock()))]);
    }
    await box.drain();
    receiver.answer = (response) => response.writeHead(204).end();
    const first = await api.call(`GET /v1/subscriptions/${id}/deliveries?limit=2`, { as });
    expect(rows(first.body).map((one: Json) => one['event']['id'])).toEqual([
      event(3, '').id,
      event(2, '').id,
    ]);
    expect(rows(first.body)[0]).toMatchObject({
      subscriptionId: id,
      kind: 'event',
      status: 'pending',
      attempts: [
        {
          n: 1,
          request: {
            headers: { 'webhook-id': event(3, '').id, 'webhook-signature': expect.stringMatching(/^v1,/) },
          },
          response: { status: 500, truncated: true, body: 'x'.repeat(65_536) },
          error: null,
          durationMs: expect.any(Number),
        },
      ],
    });
    expect(JSON.stringify(first.body)).not.toContain(String(secret).slice(6));
    const rest = await api.call(
      `GET /v1/subscriptions/${id}/deliveries?limit=2&cursor=${first.body['next_cursor']}`,
      { as },
    );
    expect(rows(rest.body).map((one: Json) => one['kind'])).toEqual(['event', 'verification']);
    expect(rest.body['next_cursor']).toBeNull();
    for (const query of ['limit=0', 'limit=x', 'cursor=x', 'cursor=MSB4', 'status=failed'])
      expect((await api.call(`GET /v1/subscriptions/${id}/deliveries?${query}`, { as })).status).toBe(400);
  });

  it('stays below what Lambda can give back, whatever endpoints answer', async () => {
    const { id } = await made();
    await deliver();
    receiver.answer = (response) => response.writeHead(500).end(Buffer.alloc(70_000));
    for (let sequence = 1; sequence <= 15; sequence++) {
      box.wait(1);
      await box.match([bus(event(sequence, box.clock()))]);
    }
    await box.drain();
    receiver.answer = (response) => response.writeHead(204).end();
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await api.call(`GET /v1/subscriptions/${id}/deliveries${cursor && `?cursor=${cursor}`}`, {
        as,
      });
      expect(JSON.stringify(page.body).length).toBeLessThan(5_000_000);
      seen.push(...rows(page.body).map((one: Json) => String(one['id'])));
      cursor = page.body['next_cursor'] as string | null;
    }
    expect(new Set(seen).size).toBe(16);
    expect(seen).toHaveLength(16);
  });
});

describe('the other commands of an owner', () => {
  it('rotate the secret: shown once, replayed under its key', async () => {
    const { id, secret } = await made();
    const key = randomUUID();
    const rotate = (asked: Asked = {}) =>
      api.call(`POST /v1/subscriptions/${id}/secrets`, { as, body: {}, ...asked });
    const first = await rotate({ key });
    expect(first).toMatchObject({
      status: 201,
      body: { secret: expect.stringMatching(/^whsec_/), previousSignsUntil: expect.any(String) },
    });
    expect(first.body['secret']).not.toBe(secret);
    expect((await rotate({ key })).body).toEqual(first.body);
    expect((await rotate()).body['secret']).not.toBe(first.body['secret']);
    expect((await rotate({ key })).body['secret']).toBeUndefined();
    expect((await rotate({ key: null })).status).toBe(400);
    await deliver();
    expect(String(receiver.received[0]?.headers['webhook-signature']).split(' ')).toHaveLength(3);
  });

  it('send a test event, and need no key for it', async () => {
    const { id } = await made();
    await deliver();
    const answer = await api.call(`POST /v1/subscriptions/${id}/tests`, { as, key: null });
    expect(answer).toMatchObject({ status: 202, body: { kind: 'test', status: 'pending' } });
    await deliver();
    expect(JSON.parse(receiver.received.at(-1)?.body ?? '')).toMatchObject({
      type: 'followthrough.subscription.test',
      id: answer.body['event']['id'],
    });
    await api.call(`PATCH /v1/subscriptions/${id}`, { as, body: { active: false } });
    expect(await api.call(`POST /v1/subscriptions/${id}/tests`, { as })).toMatchObject({
      status: 409,
      body: { code: 'subscription-inactive' },
    });
  });

  it('send again one delivery, or all since a time, under the same ids', async () => {
    const { id } = await made({ channel: { type: 'webhook', url: `${receiver.url}/again` } });
    await deliver();
    box.wait(1);
    const start = box.clock();
    for (const sequence of [1, 2])
      await box.match([bus(event(sequence, box.clock(), { subject: 'cmt_again' }))]);
    // At the very moment of `since`, and after it.
    box.wait(1);
    await box.match([bus(event(3, box.clock(), { subject: 'cmt_again' }))]);
    await box.drain();
    const told = () =>
      receiver.received
        .splice(0)
        .filter(({ path }) => path === '/again')
        .map(({ headers }) => String(headers['webhook-id']))
        .filter((name) => name.startsWith('cmt_again'));
    expect(told()).toHaveLength(3);
    const [, delivery] = await box.deliveriesOf(String(id));
    const key = randomUUID();
    const resend = () => api.call(`POST /v1/deliveries/${delivery?.id}/resends`, { as, body: {}, key });
    expect(await resend()).toMatchObject({ status: 202, body: { status: 'pending' } });
    expect((await resend()).headers['idempotency-replayed']).toBe('true');
    await deliver();
    expect(told()).toEqual([delivery?.eventId]);
    expect((await box.deliveriesOf(String(id)))[1]).toMatchObject({ attempts: 2, status: 'delivered' });

    const recover = (since: unknown, asked: Asked = {}) =>
      api.call(`POST /v1/subscriptions/${id}/recoveries`, { as, body: { since }, ...asked });
    expect(await recover(start)).toMatchObject({ status: 202, body: { resent: 3, next_since: null } });
    await deliver();
    expect(told().sort()).toEqual(['cmt_again/1', 'cmt_again/2', 'cmt_again/3']);
    expect((await recover('2099-01-01')).body['resent']).toBe(0);
    expect(codes((await recover('yesterday')).body)).toEqual(['/since invalid-format']);
    expect(codes((await recover(undefined)).body)).toEqual(['/since invalid-type']);
  });

  it('delete a subscription', async () => {
    const { id } = await made();
    expect((await api.call(`DELETE /v1/subscriptions/${id}`, { as, version: 9 })).status).toBe(412);
    // Clients send the type of a body that isn't there.
    const headers = { 'content-type': 'application/json' };
    expect((await api.call(`DELETE /v1/subscriptions/${id}`, { as, headers })).status).toBe(204);
    expect((await api.call(`GET /v1/subscriptions/${id}`, { as })).status).toBe(404);
    expect((await api.call(`DELETE /v1/subscriptions/${id}`, { as })).status).toBe(404);
    const ids = (await box.subscriptions.listeners()).map((one) => one.id);
    expect(ids).not.toContain(id);
  });
});

describe('whatever is sent', () => {
  it.each([
    [
      '{"channel":{"type":"webhook","url":"https://example.org/"},"filter":{"sequence":[{"numeric":[">",1e400]}]}}',
    ],
    ['{"channel":{"type":"webhook","url":"https://example.org/"},"filter":{"sequence":[1e400]}}'],
    ['{"channel":{"type":"webhook","url":"https://example.org/"},"filter":{"__proto__":["a"]}}'],
    ['{"channel":{"type":"webhook","url":"https://example.org/"},"__proto__":{"active":false}}'],
    [
      `{"channel":{"type":"webhook","url":"https://example.org/"},"filter":${'{"a":'.repeat(400)}["x"]${'}'.repeat(400)}}`,
    ],
    ['[]'],
    ['null'],
    ['"text"'],
    ['{'],
    [''],
    [`"${'x'.repeat(300_000)}"`],
  ])('is no fault of ours: %s', async (body) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await api.call('POST /v1/subscriptions', { as, body, headers });
    expect(answer.status).toBeLessThan(500);
    const { id } = await made({ active: false });
    for (const route of [
      `PATCH /v1/subscriptions/${id}`,
      `POST /v1/subscriptions/${id}/secrets`,
      `POST /v1/subscriptions/${id}/tests`,
      `POST /v1/subscriptions/${id}/recoveries`,
      `DELETE /v1/subscriptions/${id}`,
    ])
      expect((await api.call(route, { as, body, headers })).status, route).toBeLessThan(500);
  });
});
