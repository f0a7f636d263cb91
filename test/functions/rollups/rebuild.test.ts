import {
  type AttributeValue,
  DeleteItemCommand,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NODE, REPAIRS } from '../../../shared/store/keys.ts';
import { rollupRepairs } from '../../../shared/store/rollup-repairs.ts';
import { clientOf, startTables, type Tables } from '../../kit/dynamodb.ts';
import { recount } from './oracle.ts';
import { projectorOn, reader, rebuildOn, type World, world } from './world.ts';

let tables: Tables;
let mine: World;
beforeEach(async () => {
  tables = await startTables();
  mine = world(tables);
});
afterEach(() => tables.stop());

/** Three that depend on each other in a row, and one alone. */
async function small(): Promise<string[]> {
  const response = await mine.response();
  const first = await mine.register(response, { systems: ['ERP'], unit: 'Finance', indicators: ['1.1'] });
  const second = await mine.register(response, { dependsOn: [first], due: { date: '2024-03-31' } });
  const third = await mine.register(response, {
    dependsOn: [second],
    amounts: [{ amount: 5, currency: 'USD' }],
  });
  const alone = await mine.register(response, { indicators: ['2.1'] });
  return [first, second, third, alone];
}

const items = async (): Promise<Record<string, AttributeValue>[]> =>
  (await tables.client.send(new ScanCommand({ TableName: tables.tables.rollups }))).Items ?? [];

/** All that counts: without zeros, revisions and the number of repairs, which don't. */
const counted = async (): Promise<unknown[]> =>
  (await items())
    .filter(({ pk }) => pk?.S !== REPAIRS.pk)
    .map(({ revision: _, ...item }) =>
      Object.fromEntries(Object.entries(item).filter(([, { N }]) => N !== '0')),
    )
    .sort((a, b) => (JSON.stringify([a['pk'], a['sk']]) < JSON.stringify([b['pk'], b['sk']]) ? -1 : 1));

async function expectRecount(): Promise<void> {
  const { body } = await reader(tables)({ by: 'indicator' }, '2026-11-24T00:00:00.000Z');
  const rows = new Map(
    (body['data'] as { key: string; label: string }[]).map(({ label: _, ...row }) => [row.key, row]),
  );
  expect(rows).toEqual(recount([...mine.states.values()], null, 'indicator', '2026-11-24T00:00:00.000Z'));
}

describe('rebuild', () => {
  it('counts no drift where all is well, and applies what waits', async () => {
    const ids = await small();
    await projectorOn(tables.client, tables).project(ids.slice(1, 3));
    expect(await rebuildOn(tables)).toEqual({ commitments: 4, events: 4, drift: 0 });
    await expectRecount();
  });

  it.each<[string, (ids: string[]) => Promise<number>]>([
    [
      'a counter',
      async () => {
        const group = (await items()).find(({ sk }) => sk?.S === 'key#1.1');
        await tables.client.send(
          new UpdateItemCommand({
            TableName: tables.tables.rollups,
            Key: { pk: group?.['pk'] as AttributeValue, sk: group?.['sk'] as AttributeValue },
            UpdateExpression: 'ADD #s :n, invented :n',
            ExpressionAttributeNames: { '#s': 's:not_started' },
            ExpressionAttributeValues: { ':n': { N: '3' } },
          }),
        );
        return 2;
      },
    ],
    [
      'a lost group',
      async () => {
        const group = (await items()).find(({ sk }) => sk?.S === 'key#2.1') ?? {};
        const { pk, sk, ...counters } = group;
        await tables.client.send(
          new DeleteItemCommand({
            TableName: tables.tables.rollups,
            Key: { pk: pk as AttributeValue, sk: sk as AttributeValue },
          }),
        );
        return Object.keys(counters).length;
      },
    ],
    [
      'a node that claims more than it applied',
      async ([first = '']) => {
        const node = (await items()).find(({ pk, sk }) => pk?.S === first && sk?.S === NODE) ?? {};
        const doc = JSON.parse(node['doc']?.S ?? '{}');
        await tables.client.send(
          new PutItemCommand({
            TableName: tables.tables.rollups,
            Item: { ...node, doc: { S: JSON.stringify({ ...doc, applied: 99 }) } },
          }),
        );
        return 1;
      },
    ],
    [
      'a lost edge',
      async ([first = '', second = '']) => {
        const Key = { pk: { S: first }, sk: { S: `dependent#${second}` } };
        await tables.client.send(new DeleteItemCommand({ TableName: tables.tables.rollups, Key }));
        return 1;
      },
    ],
  ])('finds %s and mends it', async (_, damage) => {
    const ids = await small();
    await projectorOn(tables.client, tables).project(ids);
    const before = await counted();
    const drift = await damage(ids);
    expect((await rebuildOn(tables)).drift).toBe(drift);
    expect(await counted()).toEqual(before);
    expect((await rebuildOn(tables)).drift).toBe(0);
    // What was mended goes on living.
    const [first = ''] = ids;
    await mine.act(first, 'close', { reasonCode: 'other', reason: 'R' });
    await projectorOn(tables.client, tables).project([first]);
    await expectRecount();
  });

  it('counts no drift while updates keep flowing', async () => {
    const ids = await small();
    const other = clientOf(tables.endpoint);
    const projectors = [projectorOn(tables.client, tables), projectorOn(other, tables)];
    let flowing = true;
    let failed: string[] = [];
    const writer = async (): Promise<void> => {
      for (let n = 0; flowing; n++) {
        const id = ids[n % ids.length] as string;
        await mine.act(id, 'report-progress', { narrative: 'N', progress: n % 100 });
        if (n % 7 === 3) await mine.act(id, 'close', { reasonCode: 'other', reason: 'R' });
        if (n % 7 === 5) for (const each of ids) await mine.act(each, 'reopen', { reason: 'R' });
        const given = await Promise.all(projectors.map(({ project }) => project([id, ...failed])));
        failed = given.flatMap((set) => [...set]);
      }
    };
    const writing = writer();
    for (let round = 0; round < 8; round++) expect((await rebuildOn(tables)).drift).toBe(0);
    flowing = false;
    await writing;
    await projectors[0]?.project(ids);
    expect((await rebuildOn(tables)).drift).toBe(0);
    await expectRecount();
    other.destroy();
  });

  it('leaves projections waiting, and lets them go on when its lease runs out', async () => {
    const ids = await small();
    const repairs = rollupRepairs(tables.client, tables.tables.rollups);
    expect(await repairs.lease('crashed', Date.now(), Date.now() + 400)).toBe(true);
    expect(await repairs.lease('another', Date.now(), Date.now() + 400)).toBe(false);
    const failed = await projectorOn(tables.client, tables).project(ids);
    expect([...failed]).toEqual([]);
    expect((await items()).find(({ pk }) => pk?.S === 'lease')).toBeDefined();
    await expectRecount();
  });
});
