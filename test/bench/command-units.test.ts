import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandUnits, commandUnits } from '../../bench/command-units.ts';
import { startWriteRecorder, type WriteRecorder } from '../../bench/write-recorder.ts';
import type { TableName } from '../../shared/store/keys.ts';
import { type Api, startApi } from '../kit/api.ts';

let api: Api;
let recorder: WriteRecorder;
let found: CommandUnits[];
beforeAll(async () => {
  api = await startApi();
  recorder = await startWriteRecorder(api.tables.endpoint);
  // The functions are loaded at their first call, and their clients read this then.
  process.env['AWS_ENDPOINT_URL_DYNAMODB'] = recorder.url;
  const names = new Map(Object.entries(api.tables.tables).map(([name, table]) => [table, name as TableName]));
  found = await commandUnits(api.call, recorder, (table) => names.get(table) as TableName);
}, 240_000);
afterAll(async () => {
  await recorder.stop();
  await api.stop();
});

/** Write units with texts of 300 bytes: in the table, and in its indexes. */
const BUDGETS: Record<string, [table: number, indexes: number]> = {
  update: [6, 2],
  'update with status': [8, 4],
  'update with evidence': [10, 2],
  'claim of completion': [8, 4],
  'update of an occurrence': [8, 2],
  publish: [6, 2],
  'request-extension': [8, 2],
  'grant-extension': [8, 2],
  'decline-extension': [8, 2],
  return: [6, 2],
  verify: [6, 2],
  reopen: [6, 2],
  close: [6, 2],
  supersede: [6, 2],
  'register-commitment': [12, 4],
  'register-commitment (draft)': [12, 4],
  // It stores the whole text of the response, which has 21 KB, twice: for citations and in the event's own data.
  'register-response': [64, 6],
};

describe('write units of the commands, the dearest on the real sample', () => {
  it('knows a budget for every command', () => {
    expect(found.map(({ command }) => command).sort()).toEqual(Object.keys(BUDGETS).sort());
  });

  it.each(Object.entries(BUDGETS))('%s', (command, [table, indexes]) => {
    const tables = found.find((one) => one.command === command)?.tables ?? {};
    expect(Object.keys(tables)).toEqual(['commands']);
    expect(tables.commands?.table).toBeLessThanOrEqual(table);
    expect(tables.commands?.indexes).toBeLessThanOrEqual(indexes);
    // Each of head, event record and idempotency record costs at least two: fewer would not have been seen.
    expect(tables.commands?.table).toBeGreaterThanOrEqual(6);
  });
});
