import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rollupGroupId, rollupGroupKey } from '../../../shared/store/keys.ts';
import { recalculations } from '../../../shared/store/recalculations.ts';
import { rollupRepairs } from '../../../shared/store/rollup-repairs.ts';
import { type NodeItem, type RollupChange, type Rollups, rollups } from '../../../shared/store/rollups.ts';
import { startTables, type Tables } from '../../kit/dynamodb.ts';

let tables: Tables;
let store: Rollups;
beforeAll(async () => {
  tables = await startTables();
  store = rollups(tables.client, tables.tables.rollups);
});
afterAll(() => tables.stop());

const absent = (id: string): NodeItem => ({ id, revision: 0, hub: false, doc: null });
const change = (fields: Partial<RollupChange>): RollupChange => ({
  nodes: [],
  read: [],
  totals: new Map(),
  registered: [],
  ...fields,
});
const adding = (scope: string, value: string | null, counters: Record<string, number>) =>
  new Map([[rollupGroupId(rollupGroupKey(scope, 'unit', value)), counters]]);
const free = { now: 1_000 };

describe('apply', () => {
  it('adds to counters, whatever their names and values hold', async () => {
    const value = 'Finance/HR#1 "é"';
    const name = 'P:USD:5:a/b:c#d';
    for (const n of [2, 3])
      expect(await store.apply(change({ totals: adding('rsp_a', value, { [name]: n }) }), free)).toBe(
        'applied',
      );
    await store.apply(change({ totals: adding('rsp_a', null, { x: -1 }) }), free);
    expect(await store.groups('rsp_a', 'unit')).toEqual([
      { value, counters: { [name]: 5 } },
      { value: null, counters: { x: -1 } },
    ]);
  });

  it('writes nothing at all when one node is not as it was read', async () => {
    const was = absent('cmt_race');
    expect(await store.apply(change({ nodes: [{ was, doc: '1' }] }), free)).toBe('applied');
    const late = change({ nodes: [{ was, doc: '2' }], totals: adding('rsp_b', 'U', { x: 1 }) });
    expect(await store.apply(late, free)).toBe('raced');
    expect(await store.groups('rsp_b', 'unit')).toEqual([]);
    expect(await store.nodes(['cmt_race'])).toEqual([{ id: 'cmt_race', revision: 1, hub: false, doc: '1' }]);
  });

  it('makes a hub of what is read, even before it has a document, and notices who read it meanwhile', async () => {
    expect(await store.apply(change({ read: [absent('cmt_hub')] }), free)).toBe('applied');
    const [hub] = (await store.nodes(['cmt_hub'])) as [NodeItem];
    expect(hub).toEqual({ id: 'cmt_hub', revision: 1, hub: true, doc: null });
    expect(await store.apply(change({ read: [hub] }), free)).toBe('applied');
    expect(await store.apply(change({ nodes: [{ was: hub, doc: '{}' }] }), free)).toBe('raced');
  });

  it('heeds the lease until it runs out', async () => {
    const repairs = rollupRepairs(tables.client, tables.tables.rollups);
    expect(await repairs.lease('me', 1_000, 2_000)).toBe(true);
    expect(await repairs.lease('you', 1_999, 3_000)).toBe(false);
    const nothing = change({ totals: adding('rsp_c', 'U', { x: 1 }) });
    expect(await store.apply(nothing, { now: 1_999 })).toBe('leased');
    expect(await store.apply(nothing, { now: 1_999, holder: 'you' })).toBe('leased');
    expect(await store.apply(nothing, { now: 1_999, holder: 'me' })).toBe('applied');
    expect(await store.apply(nothing, { now: 2_000 })).toBe('applied');
    expect(await store.apply(nothing, { now: 2_000, holder: 'me' })).toBe('leased');
    await repairs.release('you');
    expect(await store.apply(nothing, { now: 1_999 })).toBe('leased');
    await repairs.release('me');
    expect(await store.apply(nothing, { now: 1_999 })).toBe('applied');
  });
});

it('knows all dependents, said once or twice', async () => {
  const many = Array.from({ length: 120 }, (_, n) => `cmt_${String(n).padStart(3, '0')}`);
  await store.addDependent('cmt_x', many);
  await store.addDependent('cmt_x', many.slice(0, 3));
  await store.addDependent('cmt_y', ['cmt_000']);
  expect(await store.dependentsOf('cmt_000')).toEqual(['cmt_x', 'cmt_y']);
  expect(await store.dependentsOf('cmt_119')).toEqual(['cmt_x']);
});

it('never moves the newest time back', async () => {
  expect(await store.newest('rsp_t')).toEqual({ time: null, repairs: 0 });
  for (const time of ['2026-01-02', '2026-01-03', '2026-01-01']) await store.seenUntil('rsp_t', time);
  expect(await store.newest('rsp_t')).toEqual({ time: '2026-01-03', repairs: 0 });
});

it('answers what a key was used for, and lets an abandoned one be used again', async () => {
  const store = recalculations(tables.client, tables.tables.rollups);
  const claim = { key: { pk: 'I#k', sk: 'I' }, payload: 'p' };
  expect(await store.begin(claim, 1_000)).toBeNull();
  expect(await store.begin(claim, 2_000)).toEqual({ payload: 'p', answer: null });
  expect(await store.begin({ ...claim, payload: 'q' }, 99_000)).toEqual({ payload: 'p', answer: null });
  expect(await store.begin(claim, 99_000)).toBeNull();
  await store.finish(claim, { drift: 0 });
  expect(await store.begin(claim, 999_000)).toEqual({ payload: 'p', answer: { drift: 0 } });
  await store.abandon(claim);
  expect(await store.begin(claim, 1_000)).toBeNull();
});
