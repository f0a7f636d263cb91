import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DIMENSIONS } from '../../../functions/rollups/group.ts';
import { fold } from '../../../shared/commitment/evolve.ts';
import { open } from '../../../shared/record/event-record.ts';
import { clientOf, startTables } from '../../kit/dynamodb.ts';
import { recount } from './oracle.ts';
import { COORDINATOR, projectorOn, reader, rebuildOn, VERIFIER, type World, world } from './world.ts';

const SYSTEMS = ['ERP', 'PRIMA', 'CRM'];
const UNITS = [null, 'Human Resources', 'Finance'];
const DUES = [
  null,
  { date: '2024-03-31', precision: 'quarter' },
  { date: '2024-06-30' },
  { date: '2024-02-15', kind: 'start' },
  { date: '2025-12-31', precision: 'year' },
  { kind: 'recurring' },
];
const AMOUNTS = [
  [],
  [{ amount: 500, currency: 'USD' }],
  [{ amount: 2_300, currency: 'USD', sharedKey: 'a/b:c' }],
  [
    { amount: 2_300, currency: 'USD', sharedKey: 'a/b:c' },
    { amount: 70, currency: 'CHF' },
  ],
];
const INDICATORS = [[], ['1.1'], ['1.1', '1.2'], ['2.1', '3.1']];

const pick = fc.nat({ max: 1_000 });
const operation = fc.record({
  kind: fc.constantFrom(
    'register',
    'register',
    'report',
    'claim',
    'verify',
    'return',
    'extend',
    'decide',
    'close',
    'supersede',
    'reopen',
    'publish',
  ),
  who: pick,
  a: pick,
  b: pick,
  days: fc.nat({ max: 25 }),
  /** How the events are delivered meanwhile: how many of those that wait, by which projector. */
  deliver: fc.nat({ max: 4 }),
});
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

async function perform(
  it: World,
  responseIds: string[],
  op: Operation,
  time: string,
): Promise<string | null> {
  const ids = [...it.states.keys()];
  const at = <T>(list: readonly T[], index: number): T => list[index % list.length] as T;
  if (op.kind === 'register' || ids.length === 0)
    return it.register(
      at(responseIds, op.who % 5 === 0 ? 1 : 0),
      {
        kind: at(['planned', 'ongoing', 'done', 'planned'], op.a),
        draft: op.b % 11 === 0,
        unit: at(UNITS, op.b),
        due: at(DUES, op.a + op.b),
        systems: SYSTEMS.filter((_, index) => (op.a >> index) % 3 === 0),
        amounts: at(AMOUNTS, op.b >> 2),
        indicators: at(INDICATORS, op.a >> 2),
        dependsOn: [...new Set([op.who, op.a, op.b].map((n) => at(ids, n)))]
          .filter((id) => id)
          .slice(0, op.b % 4),
      },
      time,
    );
  const id = at(ids, op.who);
  const evidence = [{ title: 'Report', url: 'https://example.org/r' }];
  const state = it.states.get(id);
  const secured = state?.head.amounts[0]
    ? [{ amount: op.b * 3, currency: state.head.amounts[0].currency }]
    : [];
  const acts: Record<string, () => Promise<boolean>> = {
    report: () =>
      it.act(
        id,
        'report-progress',
        {
          narrative: 'N',
          progress: op.a % 101,
          amountsSecured: secured,
          ...(op.b % 2 && { status: 'in_progress' }),
        },
        {},
        time,
      ),
    claim: () =>
      it.act(id, 'report-progress', { narrative: 'N', status: 'reported_complete', evidence }, {}, time),
    verify: () => it.act(id, 'verify', { decision: 'verified', reason: 'Y' }, { actor: VERIFIER }, time),
    return: () => it.act(id, 'verify', { decision: 'returned', reason: 'N' }, { actor: VERIFIER }, time),
    extend: () =>
      it.act(id, 'request-extension', { due: `2026-0${1 + (op.a % 9)}-15`, reason: 'R' }, {}, time),
    decide: () =>
      it.act(
        id,
        'decide-extension',
        { decision: op.a % 3 ? 'granted' : 'declined', reason: 'R' },
        { actor: COORDINATOR },
        time,
        state?.head.extensions ?? 0,
      ),
    close: () => it.act(id, 'close', { reasonCode: 'other', reason: 'R' }, {}, time),
    supersede: () => it.act(id, 'supersede', { by: at(ids, op.a), reason: 'R' }, {}, time),
    reopen: () => it.act(id, 'reopen', { reason: 'R' }, {}, time),
    publish: () => it.act(id, 'publish', {}, {}, time),
  };
  return (await acts[op.kind]?.()) ? id : null;
}

it('equals a recount of the commitments, however their events are delivered', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(operation, { minLength: 10, maxLength: 45 }),
      fc.infiniteStream(pick),
      async (operations, draws) => {
        const tables = await startTables();
        const other = clientOf(tables.endpoint);
        try {
          const mine = world(tables);
          const projectors = [projectorOn(tables.client, tables), projectorOn(other, tables)] as const;
          const draw = (): number => draws.next().value ?? 0;
          const responseIds = [await mine.response(), await mine.response()];
          const waiting: string[] = [];
          const busy = [Promise.resolve(), Promise.resolve()];
          const deliver = (count: number): void => {
            const batch = Array.from({ length: count }, () => {
              const index = draw() % waiting.length;
              // Now and then the same event comes again later.
              return draw() % 4 === 0 ? waiting[index] : waiting.splice(index, 1)[0];
            }).filter((id) => id !== undefined);
            const n = draw() % 2;
            busy[n] = (busy[n] as Promise<void>).then(async () => {
              waiting.push(...(await projectors[n as 0 | 1].project(batch)));
            });
          };
          let now = Date.parse('2024-01-10T09:00:00.000Z');
          const times: string[] = [];
          for (const op of operations) {
            now += op.days * 86_400_000 + 1;
            const time = new Date(now).toISOString();
            const id = await perform(mine, responseIds, op, time);
            times.push(time);
            if (id) waiting.push(id);
            if (waiting.length > 0) deliver(op.deliver);
          }
          while (waiting.length > 0) {
            deliver(Math.min(10, waiting.length));
            deliver(Math.min(10, waiting.length));
            await Promise.all(busy);
          }
          await Promise.all(busy);

          const end = new Date(now).toISOString();
          const read = reader(tables);
          const states = [...mine.states.values()];
          const count = states.reduce((sum, { head }) => sum + head.version, 0);
          for (const time of [end, '2024-07-01T00:00:00.000Z', '2026-11-24T12:00:00.000Z'])
            for (const response of [responseIds[0], null])
              for (const by of DIMENSIONS) {
                const query = { by, ...(response && { response }) };
                const { body } = await read(query, time);
                expect(rows(body)).toEqual(recount(states, response ?? null, by, time));
                if (response === null)
                  expect(body['complete_to']).toEqual({
                    events: count,
                    time: states
                      .map(({ head }) => head.updatedAt)
                      .sort()
                      .at(-1),
                  });
              }
          expect(await rebuildOn(tables)).toEqual({ commitments: states.length, events: count, drift: 0 });
          // A past time is a fold of the events up to it.
          const then = times[draw() % times.length] as string;
          for (const [at, past] of [
            [end, states],
            [then, upTo(mine, then)],
          ] as const)
            for (const by of DIMENSIONS) {
              const { body } = await read({ by, asAt: at }, end);
              expect(rows(body)).toEqual(recount([...past], null, by, at));
            }
        } finally {
          other.destroy();
          await tables.stop();
        }
      },
    ),
    { numRuns: Number(process.env['ROLLUP_RUNS'] ?? 12), endOnFailure: true },
  );
}, 300_000);

const upTo = ({ history }: World, time: string) =>
  [...history.values()].flatMap(
    (records) => fold(records.map(open).filter((event) => event.time <= time)) ?? [],
  );

function rows(body: Record<string, unknown>) {
  const data = body['data'] as { key: string | null; label: string }[];
  return new Map(data.map(({ label: _, ...row }) => [row.key, row]));
}
