import { paginateScan } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Hashed } from '../../../shared/record/event-record.ts';
import { newId, newSession } from '../../../shared/runtime/ids.ts';
import { type Act, acts } from '../../../shared/store/acts.ts';
import { events } from '../../../shared/store/events.ts';
import { type Sessions, sessions } from '../../../shared/store/sessions.ts';
import { startTables, type Tables } from '../../kit/dynamodb.ts';

let mine: Tables;
let pseudonym: string;
beforeAll(async () => {
  mine = await startTables();
});
afterAll(() => mine.stop());
beforeEach(() => {
  pseudonym = newId('per');
});

/** The sessions as one process of a function knows them. */
const process = (): Sessions =>
  sessions(mine.client, mine.tables.people, {
    acts: acts(mine.client, mine.tables.commands),
    draw: newSession,
  });

const signIn = (session: string): Act => ({
  target: { type: 'person', id: pseudonym },
  action: 'sign-in',
  route: 'GET /v1/subscriptions',
  actor: { id: pseudonym, role: 'auditor', session },
  time: '2026-11-24T10:00:00.000Z',
  commandId: 'cmd',
  correlation: 'req',
});

const recorded = async (): Promise<Hashed[]> => {
  const records = await events(mine.client, mine.tables.commands, 'refusal').after(
    `acts.${pseudonym}`,
    0,
    200,
  );
  return records.map(({ bytes }) => JSON.parse(bytes) as Hashed);
};

it('names a sign-in once, whichever process sees it, and records it once', async () => {
  const [one, other] = [process(), process()];
  const names = await Promise.all(
    Array.from({ length: 12 }, (_, n) => (n % 2 ? one : other).nameOf(pseudonym, 'digest', signIn)),
  );
  expect(new Set(names).size).toBe(1);
  expect(names[0]).toMatch(/^ses_[0-9a-z]{8}$/);
  expect(await process().nameOf(pseudonym, 'digest', signIn)).toBe(names[0]);
  expect((await recorded()).map(({ actor }) => actor.session)).toEqual([names[0]]);
});

it('records sign-ins that come at once each in a place of its own', async () => {
  const names = await Promise.all(
    Array.from({ length: 6 }, (_, n) => process().nameOf(pseudonym, `digest ${n}`, signIn)),
  );
  expect(new Set(names).size).toBe(6);
  const told = await recorded();
  expect(told.map(({ actor }) => actor.session).sort()).toEqual([...names].sort());
  expect(told.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
});

it('begins none where it can not be recorded, and tries again', async () => {
  let failing = true;
  const real = acts(mine.client, mine.tables.commands);
  const store = sessions(mine.client, mine.tables.people, {
    acts: { put: (act) => (failing ? Promise.reject(new Error('away')) : real.put(act)) },
    draw: newSession,
  });
  await expect(store.nameOf(pseudonym, 'digest', signIn)).rejects.toThrow('away');
  failing = false;
  const name = await store.nameOf(pseudonym, 'digest', signIn);
  expect((await recorded()).map(({ actor }) => actor.session)).toEqual([name]);
});

it('stands under the pseudonym, to be erased with the person, for 90 days', async () => {
  await process().nameOf(pseudonym, 'digest', signIn);
  const rows = async () => {
    const found = [];
    for await (const { Items = [] } of paginateScan(
      { client: mine.client },
      { TableName: mine.tables.people },
    ))
      found.push(...Items.filter((item) => item['pk']?.S === pseudonym));
    return found;
  };
  expect(await rows()).toMatchObject([
    { sk: { S: 'session#digest' }, expiresAt: { N: String(Date.UTC(2027, 1, 22, 10) / 1000) } },
  ]);
});
