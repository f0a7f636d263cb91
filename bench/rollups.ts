import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { projector } from '../functions/rollups/projector.ts';
import { rebuild } from '../functions/rollups/rebuild.ts';
import { responseBody } from '../local/iom-response.ts';
import { commitments } from '../shared/store/commitments.ts';
import { events } from '../shared/store/events.ts';
import { REPAIRS } from '../shared/store/keys.ts';
import { type Response, responses } from '../shared/store/responses.ts';
import { rollupRepairs } from '../shared/store/rollup-repairs.ts';
import { rollups } from '../shared/store/rollups.ts';
import { drive } from './load.ts';
import type { Measure } from './measure.ts';
import { type Row, row } from './row.ts';
import { seed } from './seed.ts';
import { interleave, percentile, ratios } from './spread.ts';
import { type BenchSystem, startBenchSystem } from './system.ts';
import { clientOf, tableNamed } from './tables.ts';

const SIZES = [100, 1000, 10_000];
const BY = ['total', 'indicator'];
/** What was read before is kept while nothing changes: this is the read after a change, of the dearest dimension. */
const FRESH = 'indicator, after a change';
/** Commitments that the projector is given at a time, as a rebuild does. */
const AT_ONCE = 50;
const READS = 30;

/** Reads of the totals of responses of 100, 1,000 and 10,000 commitments; and what an update costs the totals, against a recalculation. */
export const rollupReads: Measure = async ({ quick, say }) => {
  const sizes = quick ? SIZES.slice(0, 2) : SIZES;
  say('starting an empty system');
  const system = await startBenchSystem({ sample: false });
  const client = clientOf(system.dynamodb);
  try {
    await system.ask('pause', 'outbox-relay');
    const tables = {
      commands: await tableNamed(client, 'commands'),
      rollups: await tableNamed(client, 'rollups'),
    };
    const token = await system.ask('token', 'coordinator');
    const found = new Map<number, string>();
    const rows: Row[] = [];
    for (const size of sizes) {
      const response = await register(system, client, tables.commands, token);
      const began = performance.now();
      const ids = await seed(client, tables.commands, response, size);
      say(`${size} commitments put after ${seconds(began)} s`);
      await projectAll(client, tables, ids);
      say(`projected after ${seconds(began)} s`);
      found.set(size, response.response.id);
      if (size === 1000) rows.push(...(await costOfAnUpdate(system, client, tables, token, ids, say)));
    }
    const reads = Object.fromEntries(
      sizes.flatMap((size) =>
        BY.map((by) => [
          `${size} ${by}`,
          () => readOften(`${system.url}/v1/rollups?response=${found.get(size)}&by=${by}`),
        ]),
      ),
    );
    for (const size of sizes)
      reads[`${size} ${FRESH}`] = () =>
        readOften(`${system.url}/v1/rollups?response=${found.get(size)}&by=indicator`, () =>
          forget(client, tables.rollups),
        );
    say('reading');
    await interleave(3, reads);
    const times = await interleave(quick ? 5 : 15, reads);
    return [
      ...[...BY, FRESH].flatMap((by) => sizes.slice(1).map((size) => compare(by, size, times))),
      ...rows,
    ];
  } finally {
    client.destroy();
    await system.stop();
  }
};

const compare = (by: string, size: number, times: Record<string, number[]>): Row => {
  const figures = times[`${size} ${by}`] ?? [];
  const floor = times[`${SIZES[0]} ${by}`] ?? [];
  return row({
    name: `rollup by ${by}, ${size.toLocaleString('en')} commitments, p50`,
    unit: 'ms',
    figures,
    floor: { name: `ms, ${SIZES[0]} commitments`, values: floor },
    ratios: ratios(figures, floor),
    ...(size === 10_000 && by !== FRESH && { target: { of: 'ratio', is: 'at most', value: 1.2 } }),
  });
};

interface Tables {
  commands: string;
  rollups: string;
}

function depsOf(client: DynamoDBClient, tables: Tables) {
  return {
    commitments: commitments(client, tables.commands),
    responses: responses(client, tables.commands),
    events: events(client, tables.commands),
    rollups: rollups(client, tables.rollups),
    repairs: rollupRepairs(client, tables.rollups),
    guard: () => ({ now: Date.now() }),
    log: { info: () => {}, error: () => {} },
    pause,
    now: Date.now,
  };
}

/** The real projector, called in bulk instead of through the bus. */
async function projectAll(client: DynamoDBClient, tables: Tables, ids: string[]): Promise<void> {
  const { project } = projector(depsOf(client, tables));
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const failed = await project(ids.slice(from, from + AT_ONCE));
    if (failed.size > 0) throw new Error(`${failed.size} commitments were not projected`);
  }
}

/** An update brought into the totals by itself, and everything rebuilt from the events. */
async function costOfAnUpdate(
  system: BenchSystem,
  client: DynamoDBClient,
  tables: Tables,
  token: string,
  ids: string[],
  say: (line: string) => void,
): Promise<Row[]> {
  const deps = depsOf(client, tables);
  const { project } = projector(deps);
  const incremental: number[] = [];
  const recalculated: number[] = [];
  let counted = 0;
  for (let index = 0; index < 3; index++) {
    const some = ids.slice(index * 20, (index + 1) * 20).map((id) => ({ id, version: 2 }));
    const took: number[] = [];
    for (const writer of some) {
      await drive(system.url, token, [writer], 1);
      const began = performance.now();
      await project([writer.id]);
      took.push(performance.now() - began);
    }
    incremental.push(percentile(took, 50));
    const began = performance.now();
    const { commitments: count, drift } = await rebuild(deps, randomUUID());
    if (drift !== 0) throw new Error(`the totals had drifted by ${drift}`);
    recalculated.push(performance.now() - began);
    counted = count;
  }
  say('recalculated three times, no drift');
  return [
    row({
      name: 'an update into the totals',
      unit: 'ms',
      figures: incremental,
      floor: { name: `ms, recalculation of ${counted.toLocaleString('en')}`, values: recalculated },
      ratios: ratios(incremental, recalculated),
    }),
  ];
}

async function register(
  system: BenchSystem,
  client: DynamoDBClient,
  table: string,
  token: string,
): Promise<{ response: Response; text: string }> {
  const body = responseBody();
  const answer = await fetch(`${system.url}/v1/responses`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify(body),
  });
  const { response: made } = (await answer.json()) as { response: { id: string } };
  const response = await responses(client, table).one(made.id);
  if (!response) throw new Error('the response was not registered');
  return { response, text: body.source.text };
}

/** Counts a repair, as a rebuild that mends does: nothing that was read before is used after it. */
const forget = (client: DynamoDBClient, table: string): Promise<unknown> =>
  client.send(
    new UpdateItemCommand({
      TableName: table,
      Key: { pk: { S: REPAIRS.pk }, sk: { S: REPAIRS.sk } },
      UpdateExpression: 'ADD #count :one',
      ExpressionAttributeNames: { '#count': 'count' },
      ExpressionAttributeValues: { ':one': { N: '1' } },
    }),
  );

/** The median of some reads, one after the other on one connection. */
async function readOften(url: string, before: () => Promise<unknown> = async () => {}): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const times: number[] = [];
  for (let read = 0; read < READS; read++) {
    await before();
    times.push(await readOnce(agent, url));
  }
  agent.destroy();
  return percentile(times, 50);
}

function readOnce(agent: Agent, url: string): Promise<number> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { agent }, (answer) => {
      answer.resume();
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(performance.now() - began);
        else reject(new Error(`a read of the totals was answered ${answer.statusCode}`));
      });
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

const seconds = (since: number): string => ((performance.now() - since) / 1000).toFixed(1);
