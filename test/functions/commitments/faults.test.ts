import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Api, type Json, startApi } from '../../kit/api.ts';
import type { Fault, FaultyDynamoDb } from '../../kit/faulty-dynamodb.ts';
import { registerCommitment, registerResponse } from '../../kit/sample.ts';

/** What DynamoDB Local never does, played to the real SDK in front of it. */
let api: Api;
let proxy: FaultyDynamoDb;
let responseId: string;

beforeAll(async () => {
  api = await startApi({ faulty: true });
  proxy = api.proxy as FaultyDynamoDb;
  responseId = await registerResponse(api);
});
afterEach(() => {
  proxy.fault = undefined;
});
afterAll(() => api.stop());

const times = (fault: Fault, count: number) => {
  let left = count;
  proxy.fault = (operation) => (operation === 'TransactWriteItems' && left-- > 0 ? fault : undefined);
};

const update = async (id: string) =>
  api.call(`POST /v1/commitments/${id}/updates`, {
    as: 'focal-point',
    version: 1,
    body: { narrative: 'Once.', status: 'in_progress' },
  });

it.each([
  ['conflict', 3],
  ['throttle', 2],
  ['lost-call', 2],
  ['lost-answer', 1],
] as const)('an update survives %s, %i times, and is there once', async (fault, count) => {
  const { id } = await registerCommitment(api, responseId);
  const before = proxy.played[fault];
  times(fault, count);
  const answer = await update(String(id));
  expect(answer.status).toBe(201);
  expect(proxy.played[fault] - before).toBe(count);
  const { body } = await api.call(`GET /v1/commitments/${id}/history`);
  expect((body['data'] as Json[]).map((record) => record['sequence'])).toEqual([1, 2, 3]);
});

it('answers 503 with Retry-After when it loses every time, and has changed nothing', async () => {
  const { id } = await registerCommitment(api, responseId);
  times('conflict', 1000);
  const answer = await update(String(id));
  expect([answer.status, answer.body['code'], answer.headers['retry-after']]).toEqual([
    503,
    'try-again',
    '1',
  ]);
  proxy.fault = undefined;
  expect((await api.call(`GET /v1/commitments/${id}`)).body['version']).toBe(1);
  expect((await update(String(id))).status).toBe(201);
});
