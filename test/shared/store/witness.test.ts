import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Witnessed, witnessStore } from '../../../shared/store/witness.ts';
import { startTables, type Tables } from '../../kit/dynamodb.ts';

let mine: Tables;
beforeAll(async () => {
  mine = await startTables();
});
afterAll(() => mine.stop());

const at = (size: number, fill = size): Witnessed => ({
  size,
  root: new Uint8Array(32).fill(fill),
  time: 1_764_000_000 + size,
  logKey: 'log.example+00000000+AQ==',
});

describe('what a witness remembers', () => {
  const given = () => ({ store: witnessStore(mine.client, mine.tables.witness), origin: randomUUID() });

  it('is what it was told last', async () => {
    const { store, origin } = given();
    expect(await store.read(origin)).toBeNull();
    expect(await store.advance(origin, null, at(3))).toBe(true);
    expect(await store.advance(origin, at(3), at(9))).toBe(true);
    expect(await store.read(origin)).toEqual(at(9));
    expect(await store.read(randomUUID())).toBeNull();
  });

  it('changes for nobody who read something else, of another size or of another root', async () => {
    const { store, origin } = given();
    await store.advance(origin, null, at(3));
    expect(await store.advance(origin, null, at(4))).toBe(false);
    expect(await store.advance(origin, at(2), at(4))).toBe(false);
    expect(await store.advance(origin, at(3, 7), at(4))).toBe(false);
    expect(await store.read(origin)).toEqual(at(3));
  });

  it('says a failure of the table as it is', async () => {
    const store = witnessStore(mine.client, 'no-such-table');
    await expect(store.read('log')).rejects.toThrow();
    await expect(store.advance('log', null, at(1))).rejects.toThrow();
  });
});
