import { createHash, randomUUID } from 'node:crypto';
import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, type Json, startApi } from '../../kit/api.ts';
import type { PersonName } from '../../kit/issuer.ts';
import { RESPONSE, registerCommitment, registerResponse, SOURCE } from '../../kit/sample.ts';

let api: Api;
let responseId: string;
beforeAll(async () => {
  api = await startApi();
  responseId = await registerResponse(api);
});
afterAll(() => api.stop());

const report = (id: string, version: number, body: object, extra: object = {}) =>
  api.call(`POST /v1/commitments/${id}/updates`, { as: 'focal-point', version, body, ...extra });

const itemsOf = async (pk: string) => {
  const { Items = [] } = await api.tables.client.send(
    new QueryCommand({
      TableName: api.tables.tables.commands,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pk } },
    }),
  );
  return Items;
};

describe('an update', () => {
  it('answers 201 with the new state, its event record and where it stands', async () => {
    const { id } = await registerCommitment(api, responseId);
    const answer = await report(String(id), 1, {
      narrative: 'We trained 40 people.',
      progress: 40,
      status: 'in_progress',
    });
    expect(answer.status).toBe(201);
    expect(answer.body['commitment']).toMatchObject({
      id,
      status: 'in_progress',
      progress: 40,
      narrative: 'We trained 40 people.',
      version: 3,
      citation: { holds: true },
    });
    expect(answer.headers['etag']).toBe('"v3"');
    const types = (answer.body['events'] as Json[]).map((event) => event['type']);
    expect(types).toEqual([
      'followthrough.commitment.progress_reported',
      'followthrough.commitment.status_changed',
    ]);
    const record = await api.call(`GET ${answer.headers['location']}`);
    expect(record.body).toMatchObject({
      sequence: 2,
      data: { narrative: 'We trained 40 people.', progress: 40 },
    });
  });

  it('chains its records: each hash is of the exact bytes, each links to the one before', async () => {
    const { id } = await registerCommitment(api, responseId);
    await report(String(id), 1, {
      narrative: 'Begun with the secret word xylophone.',
      status: 'in_progress',
    });
    await report(String(id), 3, { narrative: 'Went on.' });
    const { body } = await api.call(`GET /v1/commitments/${id}/history`);
    const records = body['data'] as Json[];
    expect(records.map((record) => record['sequence'])).toEqual([1, 2, 3, 4]);
    records.forEach((record, index) => {
      expect(createHash('sha256').update(String(record['bytes'])).digest('hex')).toBe(record['hash']);
      expect(record['previousHash']).toBe(index === 0 ? null : records[index - 1]?.['hash']);
      expect(record['bytes']).not.toContain('xylophone');
    });
    expect(records[1]?.['data']?.['narrative']).toBe('Begun with the secret word xylophone.');
  });

  it.each(['application/x-www-form-urlencoded', 'multipart/form-data; boundary=xyz'])(
    'takes %s',
    async (contentType) => {
      const { id } = await registerCommitment(api, responseId);
      const fields = [
        ['narrative', 'From a form'],
        ['progress', '55'],
        ['evidence[0][title]', 'Report'],
        ['evidence[0][url]', 'https://example.org/r'],
        ['_version', '1'],
        ['_idempotency_key', randomUUID()],
      ] as [string, string][];
      const part = ([name, value]: [string, string]) =>
        `--xyz\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
      const body = contentType.startsWith('multipart')
        ? `${fields.map(part).join('')}--xyz--\r\n`
        : String(new URLSearchParams(fields));
      const answer = await api.call(`POST /v1/commitments/${id}/updates`, {
        as: 'focal-point',
        key: null,
        body,
        headers: { 'content-type': contentType },
      });
      expect(answer.status).toBe(201);
      expect(answer.body['commitment']).toMatchObject({
        narrative: 'From a form',
        progress: 55,
        evidence: [{ n: 1, title: 'Report', url: 'https://example.org/r' }],
      });
    },
  );

  it('sends a form that prefers a page to the record, or shows the form again with what to mend', async () => {
    const { id } = await registerCommitment(api, responseId);
    const form = (body: string, accept = 'text/html,application/json;q=0.5') =>
      api.call(`POST /v1/commitments/${id}/updates`, {
        as: 'focal-point',
        body,
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept },
      });
    const wrong = await form('narrative=Kept+%3Cb%3E&progress=101&_version=1');
    expect(wrong.status).toBe(422);
    expect(wrong.headers['content-type']).toContain('text/html');
    expect(wrong.body).toContain('progress is more than 100');
    expect(wrong.body).toContain('Kept &#60;b&#62;');
    for (const json of ['application/json', '*/*', 'text/html;q=0.1,application/json'])
      expect((await form('progress=101&_version=1', json)).headers['content-type']).toContain('json');
    const right = await form('narrative=Kept&progress=100&_version=1');
    expect(right.status).toBe(303);
    expect(right.headers['location']).toBe(`/v1/commitments/${id}/history/2`);
  });
});

describe('idempotency', () => {
  it('replays the answer to the same key and payload, before it looks at the version, and changes nothing', async () => {
    const { id } = await registerCommitment(api, responseId);
    const key = randomUUID();
    const first = await report(String(id), 1, { narrative: 'Once.', status: 'in_progress' }, { key });
    await report(String(id), 3, { narrative: 'Meanwhile.' });
    const again = await report(String(id), 1, { narrative: 'Once.', status: 'in_progress' }, { key });
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers['location']).toBe(first.headers['location']);
    expect((await api.call(`GET /v1/commitments/${id}`)).body['version']).toBe(4);
  });

  it('replays a registration as the same text, and reads it as such', async () => {
    const asked = {
      key: randomUUID(),
      as: 'coordinator' as const,
      body: {
        responseId,
        title: 'Again',
        quote: 'We will train all staff in 2024.',
        source: { end: 32, start: 0 },
        due: { text: 'by 2027', kind: 'complete', precision: 'year', date: '2027-12-31' },
        recurrence: { frequency: 'yearly', from: '2026-01-01' },
        amounts: [{ currency: 'USD', amount: 5, sharedKey: 'k' }],
      },
    };
    const first = await api.call('POST /v1/commitments', asked);
    expect(first.status).toBe(201);
    expect(JSON.stringify((await api.call('POST /v1/commitments', asked)).body)).toBe(
      JSON.stringify(first.body),
    );
    const { commitment } = first.body;
    const read = await api.call(`GET /v1/commitments/${commitment?.['id']}`);
    expect(JSON.stringify(read.body)).toBe(JSON.stringify(commitment));
  });

  it('refuses the key for another payload, person by person and route by route', async () => {
    const { id } = await registerCommitment(api, responseId);
    const key = randomUUID();
    await report(String(id), 1, { narrative: 'Mine.' }, { key });
    const reused = await report(String(id), 2, { narrative: 'Other.' }, { key });
    expect([reused.status, reused.body['code']]).toEqual([422, 'idempotency-key-reused']);
    const other = await api.call(`POST /v1/commitments/${id}/updates`, {
      as: 'coordinator',
      key,
      version: 2,
      body: { narrative: 'Theirs.' },
    });
    expect(other.status).toBe(201);
    const extension = await api.call(`POST /v1/commitments/${id}/extensions`, {
      as: 'focal-point',
      key,
      version: 3,
      body: { due: '2030-01-01', reason: 'More time.' },
    });
    expect(extension.status).toBe(201);
  });

  it('lets twenty at once with one key do it once', async () => {
    const { id } = await registerCommitment(api, responseId);
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => report(String(id), 1, { narrative: 'Once.' }, { key })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201));
    expect(new Set(answers.map(({ headers }) => headers['location'])).size).toBe(1);
    expect((await api.call(`GET /v1/commitments/${id}`)).body['version']).toBe(2);
  });

  it('asks for a key', async () => {
    const { id } = await registerCommitment(api, responseId);
    const answer = await report(String(id), 1, { narrative: 'No key.' }, { key: null });
    expect([answer.status, answer.body['code']]).toEqual([400, 'idempotency-key-missing']);
  });
});

describe('versions', () => {
  it('refuses a missing and a stale one, naming the current', async () => {
    const { id } = await registerCommitment(api, responseId);
    const missing = await api.call(`POST /v1/commitments/${id}/updates`, {
      as: 'focal-point',
      body: { narrative: 'x' },
    });
    expect([missing.status, missing.body['code']]).toEqual([428, 'version-missing']);
    await report(String(id), 1, { narrative: 'First.' });
    const stale = await report(String(id), 1, { narrative: 'Second.' });
    expect([stale.status, stale.body['code'], stale.body['version']]).toEqual([412, 'version-stale', 2]);
    expect(stale.headers['etag']).toBe('"v2"');
  });

  it('lets exactly one of fifty writers on one version win', async () => {
    const { id } = await registerCommitment(api, responseId);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => report(String(id), 1, { narrative: `Writer ${n}.` })),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array(49).fill(412)]);
    const history = await api.call(`GET /v1/commitments/${id}/history`);
    expect((history.body['data'] as Json[]).map((record) => record['sequence'])).toEqual([1, 2]);
  });
});

describe('who may', () => {
  it.each([
    ['POST', 'updates', 'auditor', 403, 'forbidden'],
    ['POST', 'updates', undefined, 401, 'unauthenticated'],
    ['POST', 'verifications', 'coordinator', 403, 'forbidden'],
    ['POST', 'closures', 'focal-point', 403, 'forbidden'],
    ['POST', 'reopenings', 'coordinator', 403, 'forbidden'],
    ['POST', 'updates', 'focal-point-2', 403, 'not-your-unit'],
    ['POST', 'extensions', 'focal-point-2', 403, 'not-your-unit'],
  ] as const)('%s %s by %s → %s %s', async (method, part, as, status, code) => {
    const { id } = await registerCommitment(api, responseId);
    const body = part === 'updates' ? { narrative: 'x' } : { due: '2030-01-01', reason: 'x' };
    const answer = await api.call(`${method} /v1/commitments/${id}/${part}`, {
      ...(as && { as }),
      version: 1,
      body,
    });
    expect([answer.status, answer.body['code']]).toEqual([status, code]);
  });

  it('records refusals of signed-in people in a chain per target, and counts anonymous ones by the minute', async () => {
    const { id } = await registerCommitment(api, responseId);
    for (let n = 0; n < 3; n++) await report(String(id), 7, { narrative: 'Stale.' });
    await Promise.all(
      Array.from({ length: 5 }, () =>
        api.call(`POST /v1/commitments/${id}/updates`, { body: { narrative: 'x' } }),
      ),
    );
    const refused = await itemsOf(`refusals.${id}`);
    const hashed = refused.map((item) => JSON.parse(item['bytes']?.S ?? '{}'));
    expect(hashed.map(({ sequence, data }) => [sequence, data.code])).toEqual([
      [1, 'version-stale'],
      [2, 'version-stale'],
      [3, 'version-stale'],
    ]);
    expect(hashed[1].previousHash).toBe(
      createHash('sha256')
        .update(refused[0]?.['bytes']?.S ?? '')
        .digest('hex'),
    );
    const minutes = await itemsOf(`anonymous#${new Date().toISOString().slice(0, 10)}`);
    const counted = minutes.reduce((sum, item) => sum + Number(item['code:unauthenticated']?.N ?? 0), 0);
    expect(counted).toBeGreaterThanOrEqual(5);
  });

  it('names a refused decision as it would have been named had it been taken', async () => {
    const { id } = await registerCommitment(api, responseId);
    for (const decision of ['verified', 'returned', 'toString', 5])
      await api.call(`POST /v1/commitments/${id}/verifications`, { as: 'verifier', body: { decision } });
    await api.call(`POST /v1/commitments/${id}/extensions/1/decisions`, {
      as: 'focal-point',
      body: { decision: 'declined' },
    });
    const actions = (await itemsOf(`refusals.${id}`)).map(
      (item) => JSON.parse(item['bytes']?.S ?? '{}').action,
    );
    expect(actions).toEqual(['verify', 'return', 'verify', 'verify', 'decline-extension']);
  });
});

describe('the lifecycle over HTTP', () => {
  it('goes from a draft to a verified commitment, returned once, extended once, reopened', async () => {
    const draft = await registerCommitment(api, responseId, {
      draft: true,
      due: {
        date: '2024-03-01',
        precision: 'quarter',
        kind: 'complete',
        text: 'before the end of the first quarter of 2024',
      },
    });
    const id = String(draft['id']);
    expect(draft).toMatchObject({ status: 'draft', due: { date: '2024-03-31', precision: 'quarter' } });
    let version = 1;
    const step = async (part: string, as: PersonName, body: object) => {
      const answer = await api.call(`POST /v1/commitments/${id}/${part}`, { as, version, body });
      expect(answer.body).toHaveProperty('commitment');
      version = Number(answer.body['commitment']?.['version']);
      return answer.body['commitment'] as Json;
    };
    await step('publications', 'coordinator', {});
    await step('updates', 'focal-point', { narrative: 'Begun.', status: 'in_progress' });
    const asked = await step('extensions', 'focal-point', {
      due: '2024-06-30',
      reason: 'Trainers are late.',
    });
    expect(asked['extensions']).toMatchObject([{ n: 1, decision: null, reason: 'Trainers are late.' }]);
    const granted = await step('extensions/1/decisions', 'coordinator', { decision: 'granted' });
    expect(granted).toMatchObject({
      due: { date: '2024-06-30' },
      originalDue: { date: '2024-03-31' },
      derived: { daysSlipped: 91, extensions: 1 },
    });
    const early = await api.call(`POST /v1/commitments/${id}/updates`, {
      as: 'focal-verifier',
      version,
      body: { narrative: 'Done.', status: 'reported_complete' },
    });
    expect([early.status, early.body['code']]).toEqual([422, 'evidence-required']);
    await step('updates', 'focal-verifier', {
      narrative: 'Done.',
      status: 'reported_complete',
      evidence: [{ title: 'Attendance', url: 'https://example.org/a' }],
    });
    const self = await api.call(`POST /v1/commitments/${id}/verifications`, {
      as: 'focal-verifier',
      version,
      body: { decision: 'verified' },
    });
    expect([self.status, self.body['code']]).toEqual([403, 'self-verification']);
    const unreasoned = await api.call(`POST /v1/commitments/${id}/verifications`, {
      as: 'verifier',
      version,
      body: { decision: 'returned' },
    });
    expect([unreasoned.status, unreasoned.body['code']]).toEqual([422, 'reason-required']);
    await step('verifications', 'verifier', { decision: 'returned', reason: 'The list has no dates.' });
    await step('updates', 'focal-point', { narrative: 'Dates added.', status: 'reported_complete' });
    const verified = await step('verifications', 'verifier', { decision: 'verified' });
    expect(verified['status']).toBe('verified_complete');
    const closed = await api.call(`POST /v1/commitments/${id}/updates`, {
      as: 'focal-point',
      version,
      body: { narrative: 'More.' },
    });
    expect([closed.status, closed.body['code']]).toEqual([409, 'transition-not-allowed']);
    const reopened = await step('reopenings', 'auditor', { reason: 'Sampling found gaps.' });
    expect(reopened['status']).toBe('in_progress');
  });
});

describe('registrations', () => {
  it('hold the source: its hash, and each citation, checked again at every read', async () => {
    const { body } = await api.call(`GET /v1/responses/${responseId}`);
    expect(body['source']).toMatchObject({
      holds: true,
      text: SOURCE,
      sha256: createHash('sha256').update(SOURCE).digest('hex'),
    });
    expect((body['stances'] as Json[]).every((stance) => stance['stance'] === ('unknown' as never))).toBe(
      true,
    );
  });

  it.each([
    [{ source: { start: 1, end: 33 } }, '/quote', 'citation-mismatch'],
    [{ quote: 'We never said this.', source: undefined }, '/quote', 'citation-mismatch'],
    [{ indicators: ['9.9'] }, '/indicators/0', 'unknown-indicator'],
    [{ dependsOn: [`cmt_${'0'.repeat(26)}`] }, '/dependsOn/0', 'unknown-commitment'],
    [{ due: { kind: 'complete' } }, '/due/date', 'date-required'],
    [{ due: { date: '2024-02-30' } }, '/due/date', 'invalid-format'],
    [{ colour: 'blue' }, '/colour', 'unknown-field'],
    [{ responseId: `rsp_${'0'.repeat(26)}` }, '/responseId', 'unknown-response'],
  ])('%j is refused at %s', async (fields, pointer, code) => {
    const answer = await api.call('POST /v1/commitments', {
      as: 'coordinator',
      body: { responseId, title: 'x', quote: SOURCE.slice(0, 32), source: { start: 0, end: 32 }, ...fields },
    });
    expect(answer.status).toBe(422);
    expect(answer.body['errors']).toContainEqual(expect.objectContaining({ pointer, code }));
  });

  it('take what the response claims as a claim of the day of the response', async () => {
    const done = await registerCommitment(api, responseId, { kind: 'done' });
    expect(done).toMatchObject({ status: 'reported_complete', claimedOn: RESPONSE.date });
    const ongoing = await registerCommitment(api, responseId, { kind: 'ongoing' });
    expect(ongoing['status']).toBe('in_progress');
  });

  it('replay their answers too', async () => {
    const key = randomUUID();
    const first = await api.call('POST /v1/responses', { as: 'coordinator', key, body: RESPONSE });
    const again = await api.call('POST /v1/responses', { as: 'coordinator', key, body: RESPONSE });
    expect(again.body).toEqual(first.body);
  });
});
