import { randomUUID } from 'node:crypto';
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { countAnonymous } from '../../../../functions/audit/record/count-anonymous.ts';
import type { Hashed } from '../../../../shared/record/event-record.ts';
import { type Acts, acts } from '../../../../shared/store/acts.ts';
import { anonymousCounts } from '../../../../shared/store/anonymous-counts.ts';
import { events } from '../../../../shared/store/events.ts';
import { ANONYMOUS_TOLD } from '../../../../shared/store/keys.ts';
import { refusals } from '../../../../shared/store/refusals.ts';
import { entryOf } from '../../../../shared/trail/of-record.ts';
import { startTables, type Tables } from '../../../kit/dynamodb.ts';

let mine: Tables;
let table: string;
/** Each test has a year of its own in the table, and nothing told yet. */
let year = 2030;
let before = 0;
beforeAll(async () => {
  mine = await startTables();
  table = mine.tables.commands;
});
afterAll(() => mine.stop());
beforeEach(begin);
async function begin(): Promise<void> {
  year += 1;
  before = (await recorded(0)).length;
  const { pk, sk } = ANONYMOUS_TOLD;
  await mine.client.send(new DeleteItemCommand({ TableName: table, Key: { pk: { S: pk }, sk: { S: sk } } }));
}

const at = (minute: number, seconds = 0): string =>
  new Date(Date.UTC(year, 5, 1, 23, 50) + minute * 60_000 + seconds * 1000).toISOString();
const count = (time: string, code = 'invalid-token') =>
  refusals(mine.client, table).countAnonymous(time, code);
const run = (time: string, told: Pick<Acts, 'put'> = acts(mine.client, table)) =>
  countAnonymous({
    counts: anonymousCounts(mine.client, table),
    acts: told,
    newCommandId: randomUUID,
    clock: () => time,
    log: { info: () => {}, error: () => {} },
  });

async function recorded(after = before): Promise<Hashed[]> {
  const found: Hashed[] = [];
  for await (const { bytes } of events(mine.client, table, 'refusal').all('acts.anonymous', after))
    found.push(JSON.parse(bytes) as Hashed);
  return found;
}
type Facts = { code: string; count: number; facts: { minute: string } };
const told = async () =>
  (await recorded()).map(({ data }) => {
    const { code, count: n, facts } = data as Facts;
    return [facts.minute, code, n];
  });
const minute = (n: number): string => `${at(n).slice(0, 16)}Z`;

it('tells of each minute that is over, and of each code, once', async () => {
  await count(at(0, 1));
  await count(at(0, 59));
  await count(at(0, 30), 'unauthenticated');
  await count(at(1, 0));
  expect(await run(at(1, 29))).toBe(0);
  expect(await run(at(1, 30))).toBe(2);
  expect(await run(at(1, 31))).toBe(0);
  expect(await told()).toEqual([
    [minute(0), 'invalid-token', 2],
    [minute(0), 'unauthenticated', 1],
  ]);
  const stream = events(mine.client, table, 'refusal');
  const [record] = await stream.after('acts.anonymous', before, 1);
  if (!record) throw new Error('nothing was recorded');
  expect(entryOf(record, at(2))).toMatchObject({
    stream: 'acts.anonymous',
    action: 'sign-in',
    outcome: 'failed',
    code: 'invalid-token',
    count: 2,
    actor: { id: 'anonymous', role: 'anonymous' },
    target: { type: 'system', id: 'anonymous' },
    claimedAt: at(1, 30),
  });
});

it('makes up for an outage of days', async () => {
  await run(at(0));
  for (let n = 0; n < 40; n++) await count(at(n * 60));
  expect(await run(at(6000))).toBe(40);
  expect(await told()).toEqual(Array.from({ length: 40 }, (_, n) => [minute(n * 60), 'invalid-token', 1]));
});

it('marks nothing as told that could not be told', async () => {
  await count(at(0));
  await expect(run(at(5), { put: () => Promise.reject(new Error('away')) })).rejects.toThrow('away');
  expect(await run(at(6))).toBe(1);
});

it('tells all that was counted, however late, and nothing twice, whenever it runs and however often', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('count' as const), code: fc.constantFrom('a', 'b'), lateBy: fc.nat(1700) }),
    fc.record({ kind: fc.constant('run' as const), side: fc.integer({ min: 1, max: 3 }) }),
    fc.record({ kind: fc.constant('wait' as const), seconds: fc.nat(4000) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      await begin();
      const counted: Record<string, number> = {};
      let now = 0;
      await run(at(0));
      for (const one of steps)
        if (one.kind === 'wait') now += one.seconds;
        else if (one.kind === 'run')
          await Promise.all(Array.from({ length: one.side }, () => run(at(0, now))));
        else {
          const time = at(0, Math.max(0, now - one.lateBy));
          await count(time, one.code);
          const key = `${time.slice(0, 16)}Z ${one.code}`;
          counted[key] = (counted[key] ?? 0) + 1;
        }
      await run(at(0, now + 3600));
      const sums: Record<string, number> = {};
      for (const [name, code, n] of await told()) {
        const key = `${name} ${code}`;
        sums[key] = (sums[key] ?? 0) + Number(n);
      }
      expect(sums).toEqual(counted);
    }),
    { numRuns: 25 },
  );
});
