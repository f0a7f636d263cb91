import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { TABLES, type TableName } from '../shared/store/keys.ts';
import { type Ask, type CommandUnits, commandUnits, sum } from './command-units.ts';
import { furtherUnits } from './further-units.ts';
import { rowsOfWays, type WayUnits, wayUnits } from './log/entry-units.ts';
import { createTables } from './log/tables.ts';
import type { Measure } from './measure.ts';
import { type RecordedHost, startRecordedHost } from './recorded-host.ts';
import { type Row, row, type Target } from './row.ts';
import { narrative } from './sample.ts';
import { clientOf, isNameOf } from './tables.ts';
import type { WriteRecorder } from './write-recorder.ts';

/** Units in the table, and in its indexes. */
const TARGETS: Record<string, [number, number]> = { update: [6, 2], 'update with status': [8, 4] };
/** State, event record and idempotency record, each under 1 KB, in a transaction. */
const FLOOR = 6;
/** Entries that come into the log at once. */
const BATCHES = [1, 10, 100];

/** DynamoDB write units of each command, from the sizes of the items before and after it; and of what one update makes the consumers write. */
export const writeUnitsOfCommands: Measure = async ({ say }) => {
  say('starting a host behind a recorder');
  const recorded = await startRecordedHost();
  try {
    for (const name of ['outbox-relay', 'notifications-deliver']) recorded.host.pause(name);
    const tokens = new Map<string, Promise<string>>();
    const ask: Ask = async (route, { as, body, version }) => {
      const [method = '', path = ''] = route.split(' ');
      const token = tokens.get(as) ?? recorded.token(as);
      tokens.set(as, token);
      const answer = await fetch(new URL(path, recorded.host.url), {
        method,
        headers: {
          authorization: `Bearer ${await token}`,
          'content-type': 'application/json',
          'idempotency-key': randomUUID(),
          ...(version !== undefined && { 'if-match': `"v${version}"` }),
        },
        body: JSON.stringify(body),
      });
      const text = await answer.text();
      return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
    };
    const found = await commandUnits(ask, recorded.recorder, tableOf);
    say(`${found.length} kinds of commands`);
    const consumers = await consumersOfOneUpdate(recorded, ask);
    const further = await furtherUnits(ask, recorded.recorder, tableOf, `${recorded.host.url}/hook`);
    const ways = await waysIntoTheLog(recorded.recorder);
    return [
      ...found.flatMap(rowsOf),
      ...further.flatMap(tableRows),
      ...consumerRows(consumers),
      ...rowsOfWays(ways),
    ];
  } finally {
    await recorded.stop();
  }
};

function tableOf(name: string): TableName {
  const found = (Object.keys(TABLES) as TableName[]).find((table) => isNameOf(table, name));
  if (!found) throw new Error(`${name} is none of the tables`);
  return found;
}

function rowsOf({ command, tables }: CommandUnits): Row[] {
  const { table = 0, indexes = 0 } = tables.commands ?? {};
  const [most, mostIn] = TARGETS[command] ?? [];
  const target = (value: number | undefined): { target?: Target } =>
    value === undefined ? {} : { target: { of: 'figure', is: 'at most', value } };
  return [
    row({
      name: command,
      unit: 'units',
      figures: [table],
      floor: { name: 'units, three items', values: [FLOOR] },
      ratios: [table / FLOOR],
      ...target(most),
    }),
    row({ name: `${command}, indexes`, unit: 'units', figures: [indexes], ...target(mostIn) }),
  ];
}

async function consumersOfOneUpdate(
  { host, recorder }: RecordedHost,
  ask: Ask,
): Promise<CommandUnits['tables']> {
  host.resume('outbox-relay');
  await caughtUp(host);
  const list = await fetch(`${host.url}/v1/commitments?status=in_progress&limit=1`);
  const { data } = (await list.json()) as { data: { id: string; version: number }[] };
  const [one] = data;
  if (!one) throw new Error('nothing is in progress');
  host.pause('outbox-relay');
  const body = { narrative: narrative(300), progress: 77 };
  await ask(`POST /v1/commitments/${one.id}/updates`, { as: 'focal-verifier', version: one.version, body });
  recorder.take();
  host.resume('outbox-relay');
  await caughtUp(host);
  const units = sum(recorder, tableOf);
  // What comes next has consumers too, and none of them belongs to it.
  host.pause('outbox-relay');
  return units;
}

/** In tables of their own: the sequencer of the host knows nothing of them. */
async function waysIntoTheLog(recorder: WriteRecorder): Promise<WayUnits[]> {
  const client = clientOf(recorder.url);
  const ways: WayUnits[] = [];
  for (const entries of BATCHES)
    ways.push(await wayUnits(client, recorder, await createTables(client, `batch${entries}`), entries));
  client.destroy();
  return ways;
}

async function caughtUp(host: RecordedHost['host']): Promise<void> {
  for (let empty = 0; empty < 5; await wait(50)) {
    const { queues, streams } = await host.backlog();
    const messages = Object.values(queues).map(({ visible, inFlight }) => visible + inFlight);
    const left = [...messages, ...Object.values(streams)].reduce((all, count) => all + count, 0);
    empty = left === 0 ? empty + 1 : 0;
  }
}

const consumerRows = (tables: CommandUnits['tables']): Row[] =>
  tableRows({ command: 'consumers of one update', tables });

const tableRows = ({ command, tables }: CommandUnits): Row[] =>
  Object.entries(tables).map(([name, { table, indexes }]) =>
    row({
      name: `${command}, ${name}`,
      unit: 'units',
      figures: [table + indexes],
      ...(indexes > 0 && { note: `${indexes} of them in indexes` }),
    }),
  );
