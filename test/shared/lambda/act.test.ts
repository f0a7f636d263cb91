import { expect, it } from 'vitest';
import { type Done, recorded } from '../../../shared/lambda/act.ts';
import type { Act } from '../../../shared/store/acts.ts';
import { callOf } from '../../kit/call.ts';

const done: Done = { action: 'read-trail', target: { type: 'trail', id: 'entries' }, facts: { what: 'all' } };
const call = callOf('/v1/audit/entries', {
  actor: async () => ({ id: 'per_1', role: 'auditor', session: 'ses_1' }),
});

/** A handler that is recorded, with what happened in order. */
function watched(status: number, failing = false) {
  const order: string[] = [];
  const told: Act[] = [];
  const handle = recorded(
    async () => {
      order.push('read');
      return { status };
    },
    {
      append: async (act) => {
        order.push('told');
        told.push(act);
        if (failing) throw new Error('away');
        return {} as never;
      },
    },
    async (seen) => (seen.query['cursor'] ? null : done),
  );
  return { handle, order, told };
}

it('tells what an answer shows before it goes out', async () => {
  const { handle, order, told } = watched(200);
  expect(await handle(call)).toEqual({ status: 200 });
  expect(order).toEqual(['read', 'told']);
  expect(told).toEqual([
    {
      ...done,
      route: 'GET /v1/audit/entries',
      actor: { id: 'per_1', role: 'auditor', session: 'ses_1' },
      time: call.time,
      correlation: 'req_1',
      commandId: expect.stringMatching(/^cmd_/),
    },
  ]);
});

it('answers nothing that could not be told', async () => {
  await expect(watched(200, true).handle(call)).rejects.toThrow('away');
});

it.each([400, 404, 422])('tells nothing of what showed nothing: %i', async (status) => {
  const { handle, told } = watched(status);
  expect(await handle(call)).toEqual({ status });
  expect(told).toEqual([]);
});

it('tells nothing where there is nothing to tell', async () => {
  const { handle, told } = watched(200);
  await handle({ ...call, query: { cursor: 'x' } });
  expect(told).toEqual([]);
});
