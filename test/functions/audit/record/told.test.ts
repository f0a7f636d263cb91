import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Hashed } from '../../../../shared/record/event-record.ts';
import type { ActData } from '../../../../shared/record/trail-record.ts';
import { newId } from '../../../../shared/runtime/ids.ts';
import { anonymousCounts } from '../../../../shared/store/anonymous-counts.ts';
import { events } from '../../../../shared/store/events.ts';
import { people } from '../../../../shared/store/people.ts';
import { type Api, startApi } from '../../../kit/api.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi();
  // Nothing is sent or fetched there: no subscription is made, and the log is empty.
  const nowhere = 'http://127.0.0.1:1/none';
  Object.assign(process.env, {
    DELIVERIES_QUEUE_URL: nowhere,
    EXPORTS_QUEUE_URL: nowhere,
    LOG_BUCKET: 'none',
  });
});
afterAll(() => api.stop());

const told = async (stream: string): Promise<(Hashed & { data: ActData })[]> => {
  const { client, tables } = api.tables;
  const records = await events(client, tables.commands, 'refusal').after(stream, 0, 100);
  return records.map(({ bytes }) => JSON.parse(bytes));
};
const pseudonymOf = (subject: string) =>
  people(api.tables.client, api.tables.tables.people, () => newId('per')).pseudonymOf({
    subject,
    name: null,
  });

it('a sign-in is told once, whichever functions see it, and names the session of all that follows', async () => {
  const as = 'administrator';
  await api.call('GET /v1/subscriptions', { as });
  await api.call('POST /v1/rollups/recalculations', { as, body: {} });
  expect((await api.call('POST /v1/responses', { as, body: {} })).status).toBe(403);
  const id = await pseudonymOf(as);
  const [signIn, ...more] = await told(`acts.${id}`);
  expect(more).toEqual([]);
  expect(signIn).toMatchObject({
    action: 'sign-in',
    actor: { id, role: as, session: expect.stringMatching(/^ses_/) },
    data: { target: { type: 'person', id }, route: 'GET /v1/subscriptions' },
  });
  const session = signIn?.actor.session;
  const [rebuilt] = await events(api.tables.client, api.tables.tables.commands).after('rollups', 0, 1);
  expect(JSON.parse(rebuilt?.bytes ?? '{}').actor).toEqual({ id, role: as, session });
  const [refused] = (await told('refusals.responses')).filter(({ actor }) => actor.id === id);
  expect(refused?.actor).toEqual({ id, role: as, session });
});

it('a reading is told before it is answered, and once for all its pages', async () => {
  const as = 'auditor';
  const first = await api.call('GET /v1/audit/entries?action=close&limit=1', { as });
  expect(first.status).toBe(200);
  expect((await api.call('GET /v1/audit/entries?order=up', { as })).status).toBe(400);
  const id = await pseudonymOf(as);
  expect(await told(`acts.entries.${id}`)).toMatchObject([
    {
      action: 'read-trail',
      actor: { id, role: as, session: expect.stringMatching(/^ses_/) },
      correlation: first.headers['request-id'],
      data: { facts: { query: '{"action":"close","order":"desc"}' } },
    },
  ]);
});

it('tokens that do not hold, and requests with none, are counted', async () => {
  const before = new Date().toISOString();
  const headers = { authorization: 'Bearer eyJhbGciOiJSUzI1NiJ9.e30.AAAA' };
  for (let n = 0; n < 3; n++) expect((await api.call('GET /v1/subscriptions', { headers })).status).toBe(401);
  expect((await api.call('GET /v1/audit/entries')).status).toBe(401);
  const { client, tables } = api.tables;
  const found: (readonly [code: string, count: number])[] = [];
  // Past midnight they may be of two days.
  for (const day of new Set([before, new Date().toISOString()].map((time) => time.slice(0, 10))))
    for await (const { codes } of anonymousCounts(client, tables.commands).ofDay(
      `${day}T00:00`,
      `${day}T23:59`,
    ))
      found.push(...codes.map(({ code, count }) => [code, count] as const));
  const sums = Object.fromEntries(
    ['invalid-token', 'unauthenticated'].map((code) => [
      code,
      found.filter(([one]) => one === code).reduce((sum, [, count]) => sum + count, 0),
    ]),
  );
  expect(sums).toEqual({ 'invalid-token': 3, unauthenticated: 1 });
});
