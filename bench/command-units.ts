import { responseBody } from '../local/iom-response.ts';
import { TABLES, type TableName } from '../shared/store/keys.ts';
import { type Units, unitsOf } from './item-writes.ts';
import { commitmentBodies, narrative } from './sample.ts';
import type { WriteRecorder } from './write-recorder.ts';

/** What one command wrote, table by table. */
export interface CommandUnits {
  command: string;
  tables: Partial<Record<TableName, Units>>;
}

export interface Asked {
  as: (typeof PEOPLE)[number];
  body: object;
  version?: number;
}

/** Sends one command, with an idempotency key of its own; answers the parsed JSON. */
export type Ask = (route: string, asked: Asked) => Promise<{ status: number; body: unknown }>;

interface Made {
  id: string;
  version: number;
}

const PEOPLE = ['focal-verifier', 'coordinator', 'verifier', 'auditor', 'administrator'] as const;

/** The narratives that the budgets are for. */
const NARRATIVE = narrative(300);

/**
 * Carries out every command on a commitment and a response, on the real sample, and counts what each wrote.
 * Updates are made on each commitment of the sample: what is told is the dearest.
 */
export async function commandUnits(
  ask: Ask,
  recorder: WriteRecorder,
  tableOf: (name: string) => TableName,
): Promise<CommandUnits[]> {
  const found = new Map<string, CommandUnits>();

  async function run(command: string, route: string, asked: Asked): Promise<Made> {
    recorder.take();
    const { status, body } = await ask(route, asked);
    if (status !== 201) throw new Error(`${command} was answered ${status}: ${JSON.stringify(body)}`);
    const { response, commitment } = body as { response?: Made; commitment?: Made };
    const made = response ?? commitment;
    if (!made) throw new Error(`${command} made nothing`);
    const units = sum(recorder, tableOf);
    const before = found.get(command);
    found.set(command, before ? dearer(before, { command, tables: units }) : { command, tables: units });
    return made;
  }

  const act = (command: string, path: string, { id, version }: Made, as: Asked['as'], body: object) =>
    run(command, `POST /v1/commitments/${id}/${path}`, { as, body, version });
  const evidence = [{ title: 'Training report', url: 'https://example.org/reports/training' }];

  // The first request of a session records its sign-in, whatever it asks for; this one asks for nothing.
  for (const as of PEOPLE) await ask('POST /v1/rollups/recalculations', { as, body: { not: 'a field' } });

  const response = await run('register-response', 'POST /v1/responses', {
    as: 'coordinator',
    body: responseBody(),
  });
  const bodies = commitmentBodies(response.id);
  const register = (body: object) =>
    run('register-commitment', 'POST /v1/commitments', { as: 'coordinator', body });

  for (const body of bodies) {
    let made = await register(body);
    made = await act('update', 'updates', made, 'focal-verifier', { narrative: NARRATIVE });
    made = await act('update', 'updates', made, 'focal-verifier', { narrative: NARRATIVE, progress: 50 });
    if (body.kind !== 'planned') continue;
    made = await act('update with status', 'updates', made, 'focal-verifier', {
      narrative: NARRATIVE,
      status: 'in_progress',
    });
    await act('update', 'updates', made, 'focal-verifier', { narrative: NARRATIVE, progress: 60 });
  }

  const planned = bodies.find(({ kind }) => kind === 'planned');
  if (!planned) throw new RangeError('the sample has nothing planned');
  const due = { date: '2026-06-30', precision: 'day', kind: 'complete' };
  const fresh = () => register({ ...planned, due });

  let one = await run('register-commitment (draft)', 'POST /v1/commitments', {
    as: 'coordinator',
    body: { ...planned, due, draft: true },
  });
  one = await act('publish', 'publications', one, 'coordinator', {});
  one = await act('request-extension', 'extensions', one, 'focal-verifier', {
    due: '2026-12-31',
    precision: 'day',
    reason: NARRATIVE,
  });
  one = await act('grant-extension', 'extensions/1/decisions', one, 'coordinator', {
    decision: 'granted',
    reason: NARRATIVE,
  });
  one = await act('request-extension', 'extensions', one, 'focal-verifier', {
    due: '2027-06-30',
    precision: 'day',
    reason: NARRATIVE,
  });
  one = await act('decline-extension', 'extensions/2/decisions', one, 'coordinator', {
    decision: 'declined',
    reason: NARRATIVE,
  });
  one = await act('update with evidence', 'updates', one, 'focal-verifier', {
    narrative: NARRATIVE,
    evidence,
  });
  one = await act('claim of completion', 'updates', one, 'focal-verifier', {
    narrative: NARRATIVE,
    status: 'reported_complete',
  });
  one = await act('return', 'verifications', one, 'verifier', { decision: 'returned', reason: NARRATIVE });
  one = await act('claim of completion', 'updates', one, 'focal-verifier', {
    narrative: NARRATIVE,
    status: 'reported_complete',
  });
  one = await act('verify', 'verifications', one, 'verifier', { decision: 'verified', reason: NARRATIVE });
  await act('reopen', 'reopenings', one, 'auditor', { reason: NARRATIVE });

  await act('close', 'closures', await fresh(), 'coordinator', {
    reasonCode: 'not_feasible',
    reason: NARRATIVE,
  });
  await act('supersede', 'supersessions', await fresh(), 'coordinator', { by: one.id, reason: NARRATIVE });

  const recurring = await register({
    ...planned,
    due: null,
    recurrence: { text: 'twice a year', frequency: 'twice-yearly', from: '2025-12-31' },
  });
  await act('update of an occurrence', 'occurrences/1/updates', recurring, 'focal-verifier', {
    narrative: NARRATIVE,
  });
  return [...found.values()];
}

/** Adds up what was recorded since the last time. The pseudonym that a person's first command draws is no part of the command. */
export function sum(recorder: WriteRecorder, tableOf: (name: string) => TableName): CommandUnits['tables'] {
  const tables: CommandUnits['tables'] = {};
  for (const write of recorder.take()) {
    const name = tableOf(write.table);
    if (name === 'people') continue;
    const units = unitsOf(write, TABLES[name]);
    const before = tables[name] ?? { table: 0, indexes: 0 };
    tables[name] = { table: before.table + units.table, indexes: before.indexes + units.indexes };
  }
  return tables;
}

function dearer(a: CommandUnits, b: CommandUnits): CommandUnits {
  const total = ({ tables }: CommandUnits) =>
    Object.values(tables).reduce((all, { table, indexes }) => all + table + indexes, 0);
  return total(b) > total(a) ? b : a;
}
