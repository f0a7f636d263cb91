import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cloudEvent } from '../../../shared/store/cloud-event.ts';
import { events } from '../../../shared/store/events.ts';
import { rollupPk } from '../../../shared/store/keys.ts';
import { type Api, type Json, startApi } from '../../kit/api.ts';
import { registerCommitment, registerResponse } from '../../kit/sample.ts';
import { projectorOn } from './world.ts';

let api: Api;
let response: string;
beforeAll(async () => {
  api = await startApi();
  response = await registerResponse(api);
  const erp = await registerCommitment(api, response, { indicators: ['3.4'], systems: ['ERP'] });
  const waits = await registerCommitment(api, response, { dependsOn: [erp['id']], unit: 'Finance' });
  await projectorOn(api.tables.client, api.tables).project([erp['id'] as string, waits['id'] as string]);
});
afterAll(() => api.stop());

const RECALCULATIONS = 'POST /v1/rollups/recalculations';

describe('GET /v1/rollups', () => {
  it('answers rows with every field of the contract', async () => {
    const { status, body } = await api.call(`GET /v1/rollups?response=${response}&by=area`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ by: 'area', complete_to: { events: 2, time: expect.stringMatching(/Z$/) } });
    expect(body['data']).toEqual([
      {
        key: 'operational',
        label: 'Operational management',
        total: 1,
        byStatus: {
          draft: 0,
          not_started: 1,
          in_progress: 0,
          reported_complete: 0,
          verified_complete: 0,
          closed_not_implemented: 0,
          superseded: 0,
        },
        verified: 0,
        overdue: 0,
        overdueByAge: { '1-30': 0, '31-90': 0, '91-180': 0, '181+': 0 },
        undated: 1,
        unowned: 1,
        stale: 0,
        waiting: 1,
        onTimeRate: null,
        onTimeRateCurrent: null,
        daysSlipped: 0,
        averageProgress: 0,
        amounts: [],
      },
      expect.objectContaining({ key: null, label: 'No performance area', total: 1, waiting: 0 }),
    ]);
  });

  it('answers the total by default, and the same by folding the events', async () => {
    const { body } = await api.call(`GET /v1/rollups`);
    const { body: folded } = await api.call(
      `GET /v1/rollups?asAt=${encodeURIComponent(String(body['asAt']))}`,
    );
    expect(folded).toEqual(body);
    const { body: before } = await api.call('GET /v1/rollups?by=system&asAt=2020-01-01T00:00:00Z');
    expect(before).toEqual({
      asAt: '2020-01-01T00:00:00.000Z',
      by: 'system',
      data: [],
      complete_to: { events: 0, time: null },
    });
  });

  it.each([
    ['by=colour', '/by'],
    ['asAt=yesterday', '/asAt'],
    ['asAt=2024-02-30T00:00:00Z', '/asAt'],
    ['units=x', '/units'],
  ])('refuses %s', async (query, pointer) => {
    const { status, body } = await api.call(`GET /v1/rollups?${query}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: 'malformed-query', errors: [{ pointer }] });
  });

  it('knows no response that is none', async () => {
    for (const id of ['rsp_00000000000000000000000000', 'all', '%20', '', 'x'.repeat(3000)])
      expect((await api.call(`GET /v1/rollups?response=${id}`)).body).toMatchObject({
        status: 404,
        code: 'not-found',
      });
  });
});

describe(RECALCULATIONS, () => {
  it('rebuilds once for a key, and answers the same again', async () => {
    const asked = { as: 'administrator', key: 'once' } as const;
    const first = await api.call(RECALCULATIONS, asked);
    expect(first).toMatchObject({ status: 201, body: { commitments: 2, events: 2, drift: 0 } });
    await registerCommitment(api, response, {});
    const again = await api.call(RECALCULATIONS, asked);
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotency-replayed']).toBe('true');
    const anew = await api.call(RECALCULATIONS, { as: 'administrator' });
    expect(anew.body).toEqual({ commitments: 3, events: 3, drift: 0 });
    const { body } = await api.call(`GET /v1/rollups?response=${response}`);
    expect(body).toMatchObject({ data: [{ total: 3 }], complete_to: { events: 3 } });
  });

  it('puts one event a rebuild into the outbox, in a stream of its own', async () => {
    const told = async () => {
      const found = [];
      for await (const record of events(api.tables.client, api.tables.tables.commands).all('rollups'))
        found.push(record);
      return found;
    };
    const before = (await told()).length;
    const asked = { as: 'administrator', key: 'told once' } as const;
    const { body } = await api.call(RECALCULATIONS, asked);
    await api.call(RECALCULATIONS, asked);
    const records = await told();
    expect(records).toHaveLength(before + 1);
    const last = records.at(-1);
    expect(last && cloudEvent(last)).toMatchObject({
      id: `rollups/${before + 1}`,
      type: 'followthrough.rollup.recalculated',
      data: {
        drift: body['drift'],
        events: body['events'],
        action: 'recalculate',
        actor: { role: 'administrator' },
      },
    });
  });

  it('is for administrators, needs a key and takes no fields', async () => {
    const code = async (asked: Parameters<Api['call']>[1]) =>
      (await api.call(RECALCULATIONS, asked)).body['code'];
    expect(await code({})).toBe('unauthenticated');
    expect(await code({ as: 'coordinator' })).toBe('forbidden');
    expect(await code({ as: 'administrator', key: null })).toBe('idempotency-key-missing');
    expect(await code({ as: 'administrator', body: { response } })).toBe('invalid-body');
    expect(
      await code({ as: 'administrator', body: '{', headers: { 'content-type': 'application/json' } }),
    ).toBe('malformed-body');
    await api.call(RECALCULATIONS, { as: 'administrator', key: 'other', body: {} });
    expect(await code({ as: 'administrator', key: 'other', body: { x: 1 } })).toBe('invalid-body');
  });

  it('runs one after the other when two ask at a time', async () => {
    const both = await Promise.all([1, 2].map(() => api.call(RECALCULATIONS, { as: 'administrator' })));
    expect(both.map(({ status, body }) => [status, body['drift']])).toEqual([
      [201, 0],
      [201, 0],
    ]);
  });
});

describe('what was read before', () => {
  const unit = async (scope: string) => {
    const { body } = await api.call(`GET /v1/rollups?response=${scope}&by=unit`);
    return (body['data'] as Json[]).map((row) => [row['key'], row['total'], row['averageProgress']]);
  };

  it('is not shown any more once an event was applied, or a rebuild has mended something', async () => {
    const scope = await registerResponse(api);
    const { id } = await registerCommitment(api, scope, { unit: 'Finance', kind: 'ongoing' });
    const { project } = projectorOn(api.tables.client, api.tables);
    await project([String(id)]);
    expect(await unit(scope)).toEqual([['Finance', 1, 0]]);
    await api.call(`POST /v1/commitments/${id}/updates`, {
      as: 'coordinator',
      version: 1,
      body: { narrative: 'Half.', progress: 50 },
    });
    await project([String(id)]);
    expect(await unit(scope)).toEqual([['Finance', 1, 50]]);

    const { client, tables } = api.tables;
    const Key = { pk: { S: rollupPk(scope, 'unit') }, sk: { S: 'key#Finance' } };
    const { Item } = await client.send(new GetItemCommand({ TableName: tables.rollups, Key }));
    await client.send(
      new PutItemCommand({ TableName: tables.rollups, Item: { ...(Item ?? {}), progress: { N: '70' } } }),
    );
    // Not through the projection, so only a function that read nothing before sees it.
    const other = await api.call(`GET /v1/rollups?by=unit`);
    expect(other.status).toBe(200);
    const mended = await api.call(RECALCULATIONS, { as: 'administrator' });
    expect(mended.body['drift']).toBeGreaterThan(0);
    expect(await unit(scope)).toEqual([['Finance', 1, 50]]);
    const over = await api.call(`GET /v1/rollups?by=unit`);
    expect(over.body['data']).not.toEqual(other.body['data']);
  });
});
