import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kindOf, type WayUnits, wayUnits } from '../../../bench/log/entry-units.ts';
import { startWriteRecorder, type WriteRecorder } from '../../../bench/write-recorder.ts';
import { clientOf, startTables, type Tables } from '../../kit/dynamodb.ts';

const ENTRIES = 20;
let mine: Tables;
let recorder: WriteRecorder;
let way: WayUnits;
beforeAll(async () => {
  mine = await startTables();
  recorder = await startWriteRecorder(mine.endpoint);
  const client = clientOf(recorder.url);
  way = await wayUnits(client, recorder, mine.tables, ENTRIES);
  client.destroy();
});
afterAll(async () => {
  await recorder.stop();
  await mine.stop();
});

describe('an audit entry on its way into the log', () => {
  it('is put once, marked and unmarked, and gets its place in four indexes, more where it was refused', () => {
    const { entry, marker, 'log item': item } = way.kinds;
    expect(entry).toEqual({ table: ENTRIES, indexes: 0 });
    expect(marker).toEqual({ table: 2 * ENTRIES, indexes: 0 });
    expect(item?.table).toBe(ENTRIES);
    expect(item?.indexes).toBe(4 * ENTRIES);
  });

  it('costs its batch little: what is staged and removed, the head twice, the batch in both its orders', () => {
    const { batch } = way.kinds;
    expect(batch?.table).toBeGreaterThanOrEqual(6);
    expect(batch?.table).toBeLessThanOrEqual(16);
    // A bundle, a tile, a checkpoint.
    expect(way.objects).toBe(3);
  });

  it('knows every item that is written', () => {
    const item = (pk: string, sk: string) => ({ before: null, after: { pk: { S: pk }, sk: { S: sk } } });
    expect(kindOf(item('cmt_1', 'L#0000000001'))).toBe('log item');
    expect(() => kindOf(item('cmt_1', 'X#1'))).toThrow(TypeError);
  });
});
