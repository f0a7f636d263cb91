import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Json } from '../kit/api.ts';
import { type Receiver, startReceiver } from '../kit/receiver.ts';
import { prepareSystem, type RunningSystem } from '../kit/system.ts';
import { until } from '../kit/wait.ts';

/** A newcomer's first hour: the real response is there, an update goes through every box, and kill -9 loses nothing. */
let system: RunningSystem;
let receiver: Receiver;
let secret: string;
let target: Json;
let told: Json;

beforeAll(async () => {
  receiver = await startReceiver();
  system = await prepareSystem();
  await system.start();
});
afterAll(async () => {
  await system.remove();
  await receiver.stop();
});

it('says on start where it is, who the people are, and how far the sample is', () => {
  expect(system.output()).toMatch(/85 commitments/);
  expect(system.output()).toContain(system.url);
  for (const person of ['focal-point', 'focal-verifier', 'administrator'])
    expect(system.output()).toContain(person);
});

it('shows the 85 commitments of the response, each with a citation that holds', async () => {
  const [response] = await system.all('/v1/responses');
  const rows = await system.all('/v1/commitments?limit=200');
  expect(rows).toHaveLength(85);
  const { body } = await system.call(`GET /v1/responses/${response?.['id']}`);
  const text = String(body['source']?.['text']);
  expect(text).toBe(readFileSync('data/iom-mopan-2023/response.txt', 'utf8'));
  for (const row of rows) {
    expect(text.slice(Number(row['source']?.['start']), Number(row['source']?.['end']))).toBe(row['quote']);
    expect(row['citation']).toEqual({ holds: true });
  }
  expect(body['stances']).toHaveLength(19);
  const count = (status: string) => rows.filter((row) => String(row['status']) === status).length;
  expect([count('reported_complete'), count('in_progress'), count('not_started')]).toEqual([25, 20, 40]);
  const open = rows.filter((row) => String(row['kind']) !== 'done');
  expect(open.filter((row) => row['derived']?.['undated']).length).toBe(42);
  expect(open.filter((row) => !row['derived']?.['unowned']).length).toBe(5);
});

it('counts the USD 23 million once', async () => {
  const { body } = await system.call('GET /v1/rollups?by=total');
  const [total] = body['data'] as Json[];
  expect(total).toMatchObject({ key: 'total', total: 85 });
  const pledged = 6_000_000_000 + 3_000_000_000 + 3_000_000_000 + 2_300_000_000;
  expect(total?.['amounts']).toEqual([expect.objectContaining({ currency: 'USD', pledged })]);
});

it('carries an update from a form to the rollups, the trail, the feed and a webhook', async () => {
  const created = await system.call('POST /v1/subscriptions', {
    as: 'auditor',
    body: {
      channel: { type: 'webhook', url: receiver.url },
      filter: { type: ['followthrough.commitment.status_changed'], data: { to: ['in_progress'] } },
    },
  });
  expect(created.status).toBe(201);
  secret = String(created.body['secret']);
  await until(() =>
    receiver.received.find(({ body }) => body.includes('followthrough.subscription.verification')),
  );

  const [unowned] = await system.all('/v1/commitments?unowned=true&status=not_started&limit=1');
  target = unowned as Json;
  const posted = await system.call(`POST /v1/commitments/${target['id']}/updates`, {
    as: 'focal-point',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'narrative=The+first+workshop+was+held.&status=in_progress&progress=20&_version=1',
  });
  expect(posted.status).toBe(201);
  const changed = (posted.body['events'] as Json[]).find((event) =>
    String(event['type']).endsWith('status_changed'),
  );

  const hook = await until(() => receiver.received.find(({ id }) => id === String(changed?.['id'])));
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = hook.headers;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${hook.body}`).digest('base64');
  expect(String(signature).split(' ')).toContain(`v1,${expected}`);
  told = JSON.parse(hook.body) as Json;
  expect(told).toMatchObject({
    specversion: '1.0',
    subject: target['id'],
    data: { from: 'not_started', to: 'in_progress' },
  });

  const entry = await until(async () =>
    (
      await system.all(`/v1/audit/entries?commitment=${target['id']}&action=report-progress`, {
        as: 'auditor',
      })
    ).find((row) => row['eventId'] === changed?.['id']),
  );
  expect(entry).toMatchObject({ outcome: 'success', target: { type: 'commitment', id: target['id'] } });

  await until(async () => {
    const { body } = await system.call('GET /v1/rollups?by=total');
    const [total] = body['data'] as Json[];
    return Number(total?.['byStatus']?.['in_progress']) === 21 ? total : undefined;
  });
  const fed = await until(async () => {
    const { body } = await system.call(`GET /v1/events?subject=${target['id']}`);
    return (body['data'] as Json[]).length === 3 ? (body['data'] as Json[]) : undefined;
  });
  expect(fed.at(-1)).toEqual(told);
});

it('loses nothing when everything is killed, and loads nothing twice', async () => {
  const before = await system.call(`GET /v1/commitments/${target['id']}/history`);
  await system.kill();
  const seconds = await system.start();
  expect(seconds).toBeLessThan(60);
  const after = await system.call(`GET /v1/commitments/${target['id']}/history`);
  expect(after.body).toEqual(before.body);
  expect(await system.all('/v1/commitments?limit=200')).toHaveLength(85);
  const recalculated = await system.call('POST /v1/rollups/recalculations', { as: 'administrator' });
  expect(recalculated.body).toMatchObject({ commitments: 85, drift: 0 });
});

it('ends on Ctrl-C, and everything it started with it', async () => {
  expect(await system.interrupt()).toBe(0);
  await expect(fetch(system.url)).rejects.toThrow();
});
