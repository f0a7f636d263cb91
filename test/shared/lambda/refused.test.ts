import { expect, it } from 'vitest';
import { problem } from '../../../shared/lambda/problem.ts';
import { recordRefusals } from '../../../shared/lambda/refused.ts';
import type { Refusal } from '../../../shared/store/refusals.ts';
import { callOf, personWith } from '../../kit/call.ts';

const CMT = 'cmt_00000000000000000000000001';
const ERA = 'era_00000000000000000000000001';
const DLV = `dlv_${'0'.repeat(26)}${'a'.repeat(32)}`;

it.each([
  ['POST /v1/commitments/{id}/closures', { id: CMT }, {}, { type: 'commitment', id: CMT }],
  [
    'POST /v1/commitments/{id}/extensions/{n}/decisions',
    { id: CMT, n: '1' },
    {},
    { type: 'commitment', id: CMT },
  ],
  ['POST /v1/commitments/{id}/closures', { id: 'Ann Example' }, {}, { type: 'commitment', id: 'unknown' }],
  ['POST /v1/erasures/{id}/decisions', { id: ERA }, {}, { type: 'erasure', id: ERA }],
  ['GET /v1/audit/exports/{id}/files/{name}', { id: ERA, name: 'x' }, {}, { type: 'export', id: ERA }],
  ['POST /v1/deliveries/{id}/resends', { id: DLV }, {}, { type: 'delivery', id: DLV }],
  ['POST /v1/commitments', {}, { responseId: CMT }, { type: 'response', id: CMT }],
  ['POST /v1/commitments', {}, { responseId: 'Ann Example' }, { type: 'system', id: 'commitments' }],
  ['GET /v1/audit/entries/{index}', { index: '1' }, null, { type: 'system', id: 'audit' }],
])('tells what %s with %j was about', async (route, params, body, target) => {
  const told: Refusal[] = [];
  const refused = recordRefusals({
    refusals: {
      record: async (refusal) => {
        told.push(refusal);
        return {} as never;
      },
      countAnonymous: () => Promise.reject(new Error('somebody is signed in')),
    },
    newCommandId: () => 'cmd_1',
    log: { info() {}, error() {} },
  });
  const call = callOf(route.replace(/^\S+ /, ''), {
    route,
    params,
    person: personWith('ann', 'auditor'),
    actor: async () => ({ id: 'per_ann', role: 'auditor', session: 'ses_1' }),
    body: async () => ({ value: body }) as never,
  });
  await refused(call, { route, access: ['auditor'], action: 'try' }, problem('forbidden', 'No.'));
  expect(told).toMatchObject([{ target, action: 'try', code: 'forbidden' }]);
});
