import { GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { liveOffice } from '../../../functions/privacy/live-office.ts';
import { lookAfter } from '../../../functions/privacy/look-after.ts';
import { sha256 } from '../../../shared/record/canonical.ts';
import { textHash } from '../../../shared/record/event-record.ts';
import type { ActData } from '../../../shared/record/trail-record.ts';
import { erasures } from '../../../shared/store/erasures.ts';
import { events } from '../../../shared/store/events.ts';
import { type Api, type Json, startApi } from '../../kit/api.ts';
import { registerCommitment, registerResponse } from '../../kit/sample.ts';

let api: Api;
let response: string;
beforeAll(async () => {
  api = await startApi();
  // Nothing is sent: the subscription of these tests is switched off.
  process.env['DELIVERIES_QUEUE_URL'] = 'http://127.0.0.1:1/deliveries';
  response = await registerResponse(api);
});
afterAll(() => api.stop());

const SECRET = 'Ann Example, +41 22 555 01 01, says so.';

async function reported(narrative = SECRET) {
  const { id } = await registerCommitment(api, response);
  const body = { narrative, evidence: [{ title: SECRET, url: 'https://example.org/ann' }] };
  const answer = await api.call(`POST /v1/commitments/${id}/updates`, {
    as: 'coordinator',
    version: 1,
    body,
  });
  expect(answer.status).toBe(201);
  return String(id);
}

const ask = (body: object, key?: string) =>
  api.call('POST /v1/erasures', { as: 'administrator', body, ...(key && { key }) });
const decide = (id: unknown, decision: string, as: 'auditor' | 'administrator' = 'auditor', key?: string) =>
  api.call(`POST /v1/erasures/${id}/decisions`, { as, body: { decision }, ...(key && { key }) });

const narrativeOf = (stream: string) => ({
  kind: 'text',
  stream,
  sequence: 2,
  path: 'narrative',
  reasonCode: 'data-subject-request',
});

/** What the trail is told of an erasure, in order. */
async function told(id: unknown) {
  const { client, tables } = api.tables;
  const acts = [];
  for await (const record of events(client, tables.commands, 'refusal').all(`acts.${id}`)) {
    const { action, actor, data } = JSON.parse(record.bytes) as {
      action: string;
      actor: { role: string };
      data: ActData;
    };
    acts.push({ action, role: actor.role, facts: data.facts });
  }
  return acts;
}

/** Everything that the table of commitments holds under a key. */
async function itemsOf(pk: string): Promise<string> {
  const { client, tables } = api.tables;
  const { Items } = await client.send(
    new QueryCommand({
      TableName: tables.commands,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pk } },
    }),
  );
  return JSON.stringify(Items);
}

describe('redacting a text', () => {
  it('takes two people, and leaves every hash as it was', async () => {
    const stream = await reported();
    const before = (await api.call(`GET /v1/commitments/${stream}/history/2`)).body;
    const asked = await ask(narrativeOf(stream));
    expect(asked.status).toBe(201);
    expect(asked.body['state']).toBe('requested');
    expect(JSON.stringify(await itemsOf(stream))).toContain(SECRET);

    const { id } = asked.body;
    const own = await decide(id, 'approved', 'administrator');
    expect([own.status, own.body['code']]).toEqual([403, 'self-decision']);
    const decided = await decide(id, 'approved');
    expect(decided.status).toBe(201);
    expect(decided.body['state']).toBe('erased');

    const after = (await api.call(`GET /v1/commitments/${stream}/history/2`)).body;
    expect(after['bytes']).toBe(before['bytes']);
    expect(sha256(String(after['bytes']))).toBe(after['hash']);
    const state = (await api.call(`GET /v1/commitments/${stream}`)).body;
    expect(state['version']).toBe(3);
    // The title of the evidence says the same words: it is a text of its own.
    const evidence = { ...narrativeOf(stream), sequence: 3, path: 'items.0.title' };
    await decide((await ask(evidence)).body['id'], 'approved');
    expect(await itemsOf(stream)).not.toContain('Ann Example');
    expect(await told(id)).toEqual([
      { action: 'request-erasure', role: 'administrator', facts: subjectOf(stream) },
      {
        action: 'approve-erasure',
        role: 'auditor',
        facts: { ...subjectOf(stream), requestedBy: expect.stringMatching(/^per_/) },
      },
      { action: 'erase', role: 'system', facts: { ...subjectOf(stream), items: expect.any(Number) } },
    ]);
  });

  const subjectOf = (stream: string) => ({ kind: 'text', stream, sequence: 2, path: 'narrative' });

  it('still proves, to whoever kept the text, what it was', async () => {
    const stream = await reported('Kept elsewhere.');
    const { client, tables } = api.tables;
    const record = await events(client, tables.commands).one(stream, 2);
    const [text, salt] = record?.texts['narrative'] ?? ['', ''];
    await decide((await ask(narrativeOf(stream))).body['id'], 'approved');
    const redacted = await events(client, tables.commands).one(stream, 2);
    expect(redacted?.texts).not.toHaveProperty('narrative');
    expect(redacted?.bytes).toContain(textHash(text, salt));
  });

  it('does nothing when it is rejected', async () => {
    const stream = await reported();
    const { id } = (await ask(narrativeOf(stream))).body;
    expect((await decide(id, 'rejected')).body['state']).toBe('rejected');
    expect(await itemsOf(stream)).toContain(SECRET);
    const again = await decide(id, 'approved');
    expect([again.status, again.body['code']]).toEqual([409, 'already-decided']);
  });

  it('answers the same key the same, and another body with 422', async () => {
    const stream = await reported();
    const first = await ask(narrativeOf(stream), 'once');
    const again = await ask(narrativeOf(stream), 'once');
    expect(again.body['id']).toBe(first.body['id']);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect((await ask({ ...narrativeOf(stream), path: 'other' }, 'once')).body['code']).toBe(
      'idempotency-key-reused',
    );
    const decided = await decide(first.body['id'], 'approved', 'auditor', 'yes');
    const twice = await decide(first.body['id'], 'approved', 'auditor', 'yes');
    expect(twice.body).toEqual(decided.body);
    expect((await told(first.body['id'])).map(({ action }) => action)).toEqual([
      'request-erasure',
      'approve-erasure',
      'erase',
    ]);
  });

  it('is carried out by the sweep where whoever approved it was stopped', async () => {
    const stream = await reported();
    const { client, tables } = api.tables;
    const store = erasures(client, tables.commands);
    const { id } = (await ask(narrativeOf(stream))).body;
    const requested = await store.one(String(id));
    if (!requested) throw new Error('not asked for');
    const office = liveOffice(client);
    const at = new Date().toISOString();
    const approved = {
      ...requested,
      state: 'approved' as const,
      decidedBy: { id: 'per_x', role: 'auditor' },
    };
    const act = await office.acts.put({
      target: { type: 'erasure', id: String(id) },
      action: 'approve-erasure',
      actor: { id: 'per_x', role: 'auditor' },
      time: at,
      commandId: 'cmd_x',
      correlation: 'x',
      route: 'test',
    });
    await store.write(requested, approved, act);
    await lookAfter(office, at);
    expect((await store.one(String(id)))?.state).toBe('erased');
    expect((await api.call(`GET /v1/commitments/${stream}/history/2`)).body['data']).toMatchObject({
      narrative: null,
    });
  });

  it('takes away what a command of that moment wrote back', async () => {
    const stream = await reported();
    const { client, tables } = api.tables;
    const key = { pk: { S: stream }, sk: { S: 'S#head' } };
    const head = () => client.send(new GetItemCommand({ TableName: tables.commands, Key: key }));
    const stale = (await head()).Item;
    const { id } = (await ask(narrativeOf(stream))).body;
    await decide(id, 'approved');
    await client.send(new PutItemCommand({ TableName: tables.commands, Item: stale }));
    const office = liveOffice(client);
    await lookAfter(office, new Date(Date.now() + 61_000).toISOString());
    expect(JSON.stringify((await head()).Item)).not.toContain('Ann Example');
    expect((await erasures(client, tables.commands).one(String(id)))?.settledAt).not.toBeNull();
  });
});

describe('erasing a person', () => {
  it('leaves the pseudonym in the records and nobody behind it', async () => {
    const stream = await reported();
    const { client, tables } = api.tables;
    const created = await api.call('POST /v1/subscriptions', {
      as: 'coordinator',
      body: { channel: { type: 'webhook', url: 'https://ann.example.org/hook' }, active: false },
    });
    expect(created.status).toBe(201);
    const asked = await ask({ kind: 'person', person: 'coordinator', reasonCode: 'court-order' });
    const { person } = asked.body['subject'] as unknown as { person: string };
    expect(person).toMatch(/^per_/);
    expect(JSON.stringify(asked.body)).not.toContain('"coordinator"}');
    expect((await decide(asked.body['id'], 'approved')).body['state']).toBe('erased');
    const rows = await client.send(
      new QueryCommand({
        TableName: tables.people,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: person } },
      }),
    );
    expect(rows.Items).toEqual([]);
    const subject = { pk: { S: 'subject#coordinator' }, sk: { S: 'person' } };
    expect((await client.send(new GetItemCommand({ TableName: tables.people, Key: subject }))).Item).toBe(
      undefined,
    );
    const gone = await client.send(
      new GetItemCommand({
        TableName: tables.notifications,
        Key: { pk: { S: String(created.body['id']) }, sk: { S: 'subscription' } },
      }),
    );
    expect(gone.Item).toBe(undefined);
    const history = (await api.call(`GET /v1/commitments/${stream}/history/2`)).body;
    expect((history['actor'] as Json)['id']).toBe(person);
  });
});

describe('refusals', () => {
  it.each([
    ['a text that is not there', { sequence: 2, path: 'reason' }, '/path'],
    ['a record that is not there', { sequence: 99 }, '/path'],
    ['a path into the prototype', { path: '__proto__.toString' }, '/path'],
    ['a reason in words', { reasonCode: 'because' }, '/reasonCode'],
    ['a field too many', { note: 'because' }, '/note'],
  ])('%s', async (_, change, pointer) => {
    const stream = await reported();
    const answer = await ask({ ...narrativeOf(stream), ...change });
    expect([answer.status, answer.body['errors']?.[0]?.['pointer']]).toEqual([422, pointer]);
  });

  it('somebody who never acted, other roles, unknown erasures', async () => {
    const nobody = await ask({ kind: 'person', person: 'nobody', reasonCode: 'other' });
    expect([nobody.status, nobody.body['errors']?.[0]?.['pointer']]).toEqual([422, '/person']);
    const never = await ask({
      kind: 'person',
      person: 'per_00000000000000000000000000',
      reasonCode: 'other',
    });
    expect([never.status, never.body['errors']?.[0]?.['pointer']]).toEqual([422, '/person']);
    for (const as of ['coordinator', 'auditor', 'focal-point'] as const)
      expect((await api.call('POST /v1/erasures', { as, body: {} })).status).toBe(403);
    expect((await api.call('GET /v1/erasures', { as: 'coordinator' })).status).toBe(403);
    expect((await decide('era_00000000000000000000000000', 'approved')).status).toBe(404);
    expect((await api.call('GET /v1/erasures/x', { as: 'auditor' })).status).toBe(404);
    const list = await api.call('GET /v1/erasures?limit=2', { as: 'auditor' });
    expect(list.body['data']).toHaveLength(2);
    expect(list.body['next_cursor']).not.toBeNull();
    expect(list.headers['cache-control']).toBe('no-store');
    const foreign = Buffer.from('1 cmt_00000000000000000000000000').toString('base64url');
    for (const query of ['state=erased', `cursor=${foreign}`])
      expect((await api.call(`GET /v1/erasures?${query}`, { as: 'auditor' })).status).toBe(400);
  });
});
