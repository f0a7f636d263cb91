import { type AttributeValue, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DIMENSIONS } from '../../../functions/rollups/group.ts';
import { projectMessages } from '../../../functions/rollups/project-messages.ts';
import type { BusMessage } from '../../../shared/lambda/queue.ts';
import { HEAD } from '../../../shared/store/keys.ts';
import { startTables, type Tables } from '../../kit/dynamodb.ts';
import { faulty } from './faulty.ts';
import { recount } from './oracle.ts';
import { projectorOn, reader, rebuildOn, type World, world } from './world.ts';

const NOW = '2026-11-24T00:00:00.000Z';
const CLOSE = { reasonCode: 'other', reason: 'R' };

let tables: Tables;
let mine: World;
beforeEach(async () => {
  tables = await startTables();
  mine = world(tables);
});
afterEach(() => tables.stop());

async function expectRecount(): Promise<void> {
  for (const by of DIMENSIONS) {
    const { body } = await reader(tables)({ by }, NOW);
    const data = body['data'] as { key: string; label: string }[];
    const rows = new Map(data.map(({ label: _, ...row }) => [row.key, row]));
    expect(rows).toEqual(recount([...mine.states.values()], null, by, NOW));
  }
}

const message = (messageId: string, subject: string): BusMessage =>
  ({ messageId, event: { subject, sequence: 1 }, replay: false }) as BusMessage;

describe('project', () => {
  it('brings again only the messages of the commitment that stands in the way', async () => {
    const response = await mine.response();
    const ids = [await mine.register(response), await mine.register(response), await mine.register(response)];
    const [good = '', poison = '', fine = ''] = ids;
    const Item = { pk: { S: poison }, sk: { S: HEAD }, doc: { S: 'not JSON' } };
    await tables.client.send(new PutItemCommand({ TableName: tables.tables.commands, Item }));
    const handle = projectMessages(projectorOn(tables.client, tables));
    const messages = [
      message('1', good),
      message('2', poison),
      message('3', fine),
      message('4', poison),
      message('5', response),
    ];
    expect(await handle(messages)).toEqual(['2', '4']);
    const { body } = await reader(tables)({ response }, NOW);
    expect(body).toMatchObject({ data: [{ total: 2 }], complete_to: { events: 2 } });
  });

  it('ignores what names no commitment of ours', async () => {
    expect(await projectMessages(projectorOn(tables.client, tables))([message('1', 'cmt_unknown')])).toEqual(
      [],
    );
    expect(await reader(tables)({ response: 'rsp_unknown' }, NOW)).toMatchObject({ status: 404 });
  });

  it('writes nothing when the same comes again', async () => {
    const response = await mine.response();
    const ids = [await mine.register(response), await mine.register(response)];
    const { project } = projectorOn(tables.client, tables);
    await project(ids);
    const items = async () =>
      (await tables.client.send(new ScanCommand({ TableName: tables.tables.rollups }))).Items;
    const before = await items();
    await project([...ids, ...ids]);
    expect(await items()).toEqual(before);
  });

  it('takes a commitment that is in more groups than a transaction holds items', async () => {
    const indicators = Array.from({ length: 50 }, (_, n) => ({ id: `i${n}`, label: `I${n}`, kpi: `k${n}` }));
    const framework = {
      id: 'wide',
      name: 'Wide',
      areas: indicators.map((_, n) => ({ id: `a${n}`, name: `A${n}` })),
      kpis: indicators.map((_, n) => ({ id: `k${n}`, name: `K${n}`, area: `a${n}` })),
      indicators,
    };
    const response = await mine.response({ framework });
    const wide = {
      indicators: indicators.map(({ id }) => id),
      systems: Array.from({ length: 20 }, (_, n) => `S${n}`),
    };
    const first = await mine.register(response, wide);
    const second = await mine.register(response, { ...wide, dependsOn: [first] });
    const { project } = projectorOn(tables.client, tables);
    expect((await project([second, first])).size).toBe(0);
    await expectRecount();
    await mine.act(first, 'report-progress', { narrative: 'N', status: 'in_progress', progress: 7 });
    await mine.act(second, 'close', CLOSE);
    expect((await project([first, second])).size).toBe(0);
    await expectRecount();
    expect((await rebuildOn(tables)).drift).toBe(0);
  }, 60_000);

  it('tells a great many dependents, also when it is cut off half-way', async () => {
    const response = await mine.response();
    const hub = await mine.register(response, { systems: ['ERP'] });
    const dependents: string[] = [];
    for (let n = 0; n < 70; n++) dependents.push(await mine.register(response, { dependsOn: [hub] }));
    const chain = await mine.register(response, { dependsOn: dependents.slice(0, 20) });
    const far = await mine.register(response, { dependsOn: [chain, ...dependents.slice(20, 39)] });
    const { project } = projectorOn(tables.client, tables);
    await project([far, chain, ...dependents, hub]);
    await expectRecount();

    await mine.act(hub, 'close', CLOSE);
    const cut = faulty(tables.endpoint, { after: 3, fault: 'crash' });
    expect([...(await projectorOn(cut.client, tables).project([hub]))]).toEqual([hub]);
    const { body } = await reader(tables)({ by: 'status' }, NOW);
    // Not all that follows from the closure is in the totals, so it does not count as applied.
    expect(body['complete_to']).toMatchObject({ events: 73 });
    expect((await project([hub])).size).toBe(0);
    await expectRecount();
    expect(await rebuildOn(tables)).toEqual({ commitments: 73, events: 74, drift: 0 });
    cut.client.destroy();
  }, 120_000);

  it.each(['conflict', 'throttle', 'lost answer'] as const)(
    'survives every third write ending in a %s',
    async (fault) => {
      const response = await mine.response();
      const ids: string[] = [];
      for (let n = 0; n < 12; n++)
        ids.push(await mine.register(response, { dependsOn: ids.slice(-2), systems: n % 2 ? ['ERP'] : [] }));
      const [one, other] = [
        faulty(tables.endpoint, { every: 3, fault }),
        faulty(tables.endpoint, { every: 3, fault }),
      ];
      const projectors = [projectorOn(one.client, tables), projectorOn(other.client, tables)];
      let waiting = ids;
      for (let n = 0; waiting.length > 0 || n < 12; n++) {
        if (n < 12)
          await mine.act(
            ids[n] as string,
            n % 3 ? 'close' : 'report-progress',
            n % 3 ? CLOSE : { narrative: 'N', progress: n },
          );
        const given = await Promise.all(
          projectors.map(({ project }) => project([...waiting, ids[n % 12] as string])),
        );
        waiting = [...new Set(given.flatMap((failed) => [...failed]))];
      }
      expect(one.faults() + other.faults()).toBeGreaterThan(5);
      await expectRecount();
      expect((await rebuildOn(tables)).drift).toBe(0);
      for (const { client } of [one, other]) client.destroy();
    },
    60_000,
  );

  it('keeps zeros and other leftovers out of the answer', async () => {
    const response = await mine.response();
    const id = await mine.register(response, { amounts: [{ amount: 3, currency: 'USD' }], unit: 'Finance' });
    const { project } = projectorOn(tables.client, tables);
    await project([id]);
    await mine.act(id, 'close', CLOSE);
    await project([id]);
    const { body } = await reader(tables)({ by: 'status', response }, NOW);
    const draft = (body['data'] as Record<string, AttributeValue>[])[1];
    expect(draft).toMatchObject({ key: 'not_started', total: 0, amounts: [], averageProgress: null });
    await rebuildOn(tables);
    const { Items = [] } = await tables.client.send(new ScanCommand({ TableName: tables.tables.rollups }));
    expect(
      Items.filter(({ pk, sk }) => pk?.S === `${response}#status` && sk?.S === 'key#not_started'),
    ).toEqual([]);
  });
});
