import { afterAll, beforeAll, expect, it } from 'vitest';
import { carryOut } from '../../../functions/commitments/carry-out.ts';
import { makeLedger } from '../../../functions/commitments/ledger.ts';
import type { Call } from '../../../shared/lambda/http.ts';
import { newId, newSalt } from '../../../shared/runtime/ids.ts';
import { commitments } from '../../../shared/store/commitments.ts';
import { events } from '../../../shared/store/events.ts';
import { people } from '../../../shared/store/people.ts';
import { responses } from '../../../shared/store/responses.ts';
import { type Api, startApi } from '../../kit/api.ts';
import { registerCommitment, registerResponse } from '../../kit/sample.ts';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

it('replays a key whose command was committed between its two reads', async () => {
  const { id } = await registerCommitment(api, await registerResponse(api));
  const path = `/v1/commitments/${id}/updates`;
  const body = { narrative: 'Once.' };
  const first = await api.call(`POST ${path}`, { as: 'focal-point', key: 'twin', version: 1, body });

  const { client, tables } = api.tables;
  const real = commitments(client, tables.commands);
  const ledger = makeLedger({
    client,
    table: tables.commands,
    // DynamoDB reads the items of one call one after the other: here the key before the twin's commit, the state after it.
    commitments: { ...real, load: async (one) => ({ ...(await real.load(one)), beside: null }) },
    responses: responses(client, tables.commands),
    events: events(client, tables.commands),
    newId,
    newSalt,
  });
  const pseudonym = await people(client, tables.people, () => newId('per')).pseudonymOf({
    subject: 'focal-point',
    name: null,
  });
  const call = {
    requestId: 'second',
    time: new Date().toISOString(),
    route: 'POST /v1/commitments/{id}/updates',
    method: 'POST',
    path,
    params: { id: String(id) },
    query: {},
    headers: { 'idempotency-key': 'twin', 'if-match': '"v1"' },
    person: {
      subject: 'focal-point',
      name: null,
      roles: ['focal-point'],
      units: { include: [''], except: [] },
      signIn: 'one',
    },
    role: 'focal-point',
    actor: async () => ({ id: pseudonym, role: 'focal-point' }),
    body: async () => ({ value: body, form: false }),
  } satisfies Call;

  const answer = await carryOut('report-progress', ledger)(call);
  expect([answer.status, answer.headers?.['location']]).toEqual([201, first.headers['location']]);
  const other = await carryOut(
    'report-progress',
    ledger,
  )({ ...call, headers: { ...call.headers, 'idempotency-key': 'new' } });
  expect(other.status).toBe(412);
});
