import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, type Json, startApi } from '../../kit/api.ts';
import { registerCommitment, registerResponse } from '../../kit/sample.ts';

const UNIT = 'Department of Human Resources';
const ERP = { quote: 'We will launch the ERP.', source: undefined };

let api: Api;
let responseId: string;
let training: Json;
let erp: Json;
let report: Json;

beforeAll(async () => {
  api = await startApi();
  responseId = await registerResponse(api);
  training = await registerCommitment(api, responseId, {
    reference: 'T-1',
    unit: UNIT,
    indicators: ['3.3'],
    due: { date: '2024-12-31', precision: 'year', kind: 'complete', text: 'in 2024' },
  });
  erp = await registerCommitment(api, responseId, {
    ...ERP,
    reference: 'T-2',
    title: 'Launch the ERP',
    indicators: ['3.4', '1.3'],
    systems: ['ERP'],
    kind: 'ongoing',
  });
  report = await registerCommitment(api, responseId, {
    quote: 'We report each year to the Member States.',
    source: undefined,
    reference: 'T-3',
    title: 'Report yearly',
    type: 'reporting',
    due: { kind: 'recurring', text: 'each year' },
    recurrence: { frequency: 'yearly', from: '2024-01-24', text: 'each year' },
    dependsOn: [erp['id']],
  });
});
afterAll(() => api.stop());

const references = async (query: string): Promise<unknown[]> => {
  const { status, body } = await api.call(`GET /v1/commitments?response=${responseId}&${query}`);
  expect(status).toBe(200);
  return (body['data'] as Json[]).map((row) => row['reference']);
};

describe('the list of commitments', () => {
  it.each([
    ['status=in_progress', ['T-2']],
    ['status=in_progress,not_started', ['T-1', 'T-2', 'T-3']],
    ['indicator=3.3', ['T-1']],
    ['kpi=3', ['T-1', 'T-2']],
    ['area=strategic', ['T-2']],
    [`unit=${encodeURIComponent(UNIT)}`, ['T-1']],
    ['system=ERP', ['T-2']],
    ['dueBefore=2025-01-01', ['T-1']],
    ['dueAfter=2025-01-01', []],
    ['overdue=true', ['T-1']],
    ['overdue=false', ['T-2', 'T-3']],
    ['undated=true', ['T-2']],
    ['unowned=false', ['T-1']],
    ['blocked=true', ['T-3']],
    ['stale=true', []],
    ['q=erp%20LAUNCH', ['T-2']],
    ['kpi=3&unowned=true', ['T-2']],
    ['sort=due&limit=1', ['T-1']],
  ])('%s', async (query, expected) => expect(await references(query)).toEqual(expected));

  it('finds words of the latest narrative', async () => {
    await api.call(`POST /v1/commitments/${erp['id']}/updates`, {
      as: 'focal-point',
      version: 1,
      body: { narrative: 'Configured the ledger.' },
    });
    expect(await references('q=LEDGER')).toEqual(['T-2']);
    expect(await references('sort=updated')).toEqual(['T-2', 'T-3', 'T-1']);
  });

  it('pages through everything once, by cursor and link', async () => {
    const seen: unknown[] = [];
    let path: string | undefined = `/v1/commitments?response=${responseId}&limit=2&sort=due`;
    while (path) {
      const { body, headers } = await api.call(`GET ${path}`);
      seen.push(...(body['data'] as Json[]).map((row) => row['reference']));
      expect(Boolean(headers['link'])).toBe(body['next_cursor'] !== null);
      path = headers['link']?.match(/<([^>]+)>/)?.[1];
    }
    expect(seen).toEqual(['T-1', 'T-2', 'T-3']);
  });

  it.each([
    'limit=0',
    'limit=201',
    'limit=x',
    'cursor=!',
    'status=done',
    'overdue=yes',
    'dueBefore=2024-02-30',
    'colour=blue',
    'sort=size',
    `response=${'x'.repeat(3000)}`,
  ])('refuses %s', async (query) => {
    const { status, body } = await api.call(`GET /v1/commitments?${query}`);
    expect([status, body['code'], (body['errors'] as Json[]).length]).toEqual([400, 'malformed-query', 1]);
  });
});

describe('one commitment', () => {
  it('shows derived facts and its ETag', async () => {
    const { body, headers } = await api.call(`GET /v1/commitments/${report['id']}`);
    expect(headers['etag']).toBe(`"v${body['version']}"`);
    expect(body['derived']).toMatchObject({ blocked: true, undated: false, unowned: true, overdue: false });
  });

  it('is shown as it was at a past time, and not before it was', async () => {
    const id = training['id'];
    const before = training['createdAt'] as string;
    await api.call(`POST /v1/commitments/${id}/updates`, {
      as: 'focal-point',
      version: 1,
      body: { narrative: 'Begun.', status: 'in_progress', progress: 10 },
    });
    const then = await api.call(`GET /v1/commitments/${id}?asAt=${before}`);
    expect(then.body).toMatchObject({ status: 'not_started', progress: null, version: 1, asAt: before });
    const now = await api.call(`GET /v1/commitments/${id}?asAt=${new Date().toISOString()}`);
    expect(now.body).toMatchObject({ status: 'in_progress', progress: 10, version: 3 });
    expect((await api.call(`GET /v1/commitments/${id}?asAt=2020-01-01T00:00:00Z`)).status).toBe(404);
    expect((await api.call(`GET /v1/commitments/${id}?asAt=yesterday`)).status).toBe(400);
  });

  it('takes occurrences in order, each with its due date', async () => {
    const update = (n: number, version: number) =>
      api.call(`POST /v1/commitments/${report['id']}/occurrences/${n}/updates`, {
        as: 'focal-point',
        version,
        body: {
          narrative: `Report ${n}.`,
          status: 'reported_complete',
          evidence: [{ title: 'Annual Report', url: 'https://example.org/ar' }],
        },
      });
    expect((await update(2, 1)).status).toBe(404);
    expect((await update(1, 1)).body['commitment']).toMatchObject({
      status: 'not_started',
      occurrences: [{ n: 1, due: '2025-01-24', status: 'reported_complete' }],
    });
    expect((await update(2, 3)).body['commitment']?.['occurrences']).toHaveLength(2);
  });

  it.each(['-1', '1e3', '', '99999999990'])('has no page of its history behind %j', async (place) => {
    const cursor = Buffer.from(`1 ${place}`).toString('base64url');
    const { status } = await api.call(`GET /v1/commitments/${training['id']}/history?cursor=${cursor}`);
    expect(status).toBe(400);
  });

  it.each(['/history/0', '/history/99', '/history/x', '/nothing'])('404 for %s', async (tail) => {
    expect((await api.call(`GET /v1/commitments/${erp['id']}${tail}`)).status).toBe(404);
  });

  it('says that a citation no longer holds, and never hides it', async () => {
    const other = await registerResponse(api);
    const { id } = await registerCommitment(api, other);
    await api.tables.client.send(
      new UpdateItemCommand({
        TableName: api.tables.tables.commands,
        Key: { pk: { S: other }, sk: { S: 'S#source' } },
        UpdateExpression: 'SET doc = :text',
        ExpressionAttributeValues: { ':text': { S: 'We never promised anything of that kind at all.' } },
      }),
    );
    expect((await api.call(`GET /v1/commitments/${id}`)).body['citation']).toEqual({ holds: false });
    const listed = await api.call(`GET /v1/commitments?response=${other}`);
    expect(listed.body['data']?.[0]?.['citation']).toEqual({ holds: false });
    expect((await api.call(`GET /v1/responses/${other}`)).body['source']).toMatchObject({ holds: false });
  });
});

describe('paths and methods', () => {
  it.each([
    ['GET /nothing', 404, 'not-found'],
    ['DELETE /v1/commitments', 405, 'method-not-allowed'],
    ['PUT /v1/commitments/x', 405, 'method-not-allowed'],
    ['GET /v1/commitments/cmt_unknown', 404, 'not-found'],
    ['GET /v1/responses/rsp_unknown', 404, 'not-found'],
  ])('%s → %i', async (route, status, code) => {
    const answer = await api.call(route);
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.headers['request-id']).toBeTruthy();
  });

  it('describes every route in the OpenAPI document', async () => {
    const { body } = await api.call('GET /v1/openapi.json');
    expect(body['openapi']).toBe('3.1.0');
    const update = body['paths']?.['/v1/commitments/{id}/updates']?.['post'];
    expect(update?.['requestBody']?.['content']?.['multipart/form-data']?.['schema']?.['required']).toContain(
      'narrative',
    );
  });
});
