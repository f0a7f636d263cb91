import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Driven, drive, findWriters, type Writer } from './load.ts';
import type { Measure, MeasureOptions } from './measure.ts';
import { type Row, row } from './row.ts';
import { interleave, percentile, ratios } from './spread.ts';
import { type BenchSystem, startBenchSystem } from './system.ts';
import { clientOf, tableNamed } from './tables.ts';

const IN_FLIGHT = [1, 8, 32];
const PERFECT = 'perfect handler';

/** One round: what was driven, and the CPU time of the Node processes that answered, per update. */
interface Round extends Driven {
  cpuMs: number;
}

interface Stage {
  system: BenchSystem;
  perfect: Perfect;
  token: string;
  writers: Writer[];
  options: MeasureOptions;
}

/** Updates over HTTP through the real system against the perfect handler, on the same commitments of the same DynamoDB Local. */
export const updates: Measure = async (options) => {
  options.say('starting the system');
  const system = await startBenchSystem();
  const perfect = await startPerfect(system.dynamodb).catch(async (error) => {
    await system.stop();
    throw error;
  });
  try {
    const token = await system.ask('token', 'coordinator');
    const writers = await findWriters(system.url, Math.max(...IN_FLIGHT));
    const stage = { system, perfect, token, writers, options };
    await warm(stage);
    // Consumers first: what is written while they are paused is never caught up with.
    const running = await withConsumers(stage);
    return [...(await withoutConsumers(stage)), ...running];
  } finally {
    perfect.stop();
    await system.stop();
  }
};

/** The JVM gets faster for some thousand transactions. */
async function warm({ system, perfect, token, writers, options }: Stage): Promise<void> {
  const seconds = options.quick ? 5 : 25;
  await system.ask('pause', 'outbox-relay');
  for (let slice = 0; slice < seconds; slice++) {
    const url = slice % 2 === 0 ? system.url : perfect.url;
    const { perSecond } = await drive(url, token, writers.slice(0, 8), 1000);
    options.say(`warming: ${Math.round(perSecond)} updates/s`);
  }
  await system.ask('resume', 'outbox-relay');
  options.say(`consumers caught up after ${Math.round(await system.caughtUp())} ms`);
}

async function withoutConsumers(stage: Stage): Promise<Row[]> {
  const { system, options } = stage;
  await system.ask('pause', 'outbox-relay');
  const idle = await idleCpu(system);
  const rows: Row[] = [];
  for (const count of IN_FLIGHT) {
    options.say(`rounds of ${count} in flight, consumers paused`);
    const { figures, floors } = await interleave(options.quick ? 4 : 16, {
      figures: () => round(stage, 'system', count),
      floors: () => round(stage, 'perfect', count),
    });
    rows.push(...compare(count, idle, figures, floors));
  }
  await system.ask('resume', 'outbox-relay');
  return rows;
}

function compare(count: number, idle: number, figures: Round[], floors: Round[]): Row[] {
  const name = `${count} in flight`;
  const rates = (rounds: Round[]) => rounds.map(({ perSecond }) => perSecond);
  const p50s = (rounds: Round[]) => rounds.map(({ latencies }) => percentile(latencies, 50));
  const cpu = (rounds: Round[]) => rounds.map(({ cpuMs }) => cpuMs);
  // The host polls whether or not anything comes: no update causes that.
  const caused = figures.map(({ cpuMs, perSecond }) => cpuMs - idle / perSecond);
  const added = p50s(figures).map((p50, index) => p50 - (p50s(floors)[index] ?? Number.NaN));
  return [
    row({
      name: `updates, ${name}`,
      unit: '/s',
      figures: rates(figures),
      floor: { name: `/s, ${PERFECT}`, values: rates(floors) },
      ratios: ratios(rates(figures), rates(floors)),
      ...(count === 8 && { target: { of: 'ratio', is: 'at least', value: 0.8 } }),
    }),
    row({
      name: `added latency p50, ${name}`,
      unit: 'ms',
      figures: added,
      floor: { name: `ms, ${PERFECT} p50`, values: p50s(floors) },
      ratios: ratios(p50s(figures), p50s(floors)),
      ...(count <= 8 && { target: { of: 'figure', is: 'at most', value: 5 } }),
    }),
    row({
      name: `Node CPU per update, ${name}`,
      unit: 'ms',
      figures: caused,
      floor: { name: `ms, ${PERFECT}`, values: cpu(floors) },
      ratios: ratios(caused, cpu(floors)),
      ...(count === 8 && { target: { of: 'ratio', is: 'at most', value: 1.5 } }),
      note: `without the ${idle.toFixed(0)} ms a second that the idle system takes; with them ${percentile(cpu(figures), 50).toFixed(2)} ms`,
    }),
  ];
}

/** The floor is taken while the consumers stand still: whatever they cost is in the ratio. */
async function withConsumers(stage: Stage): Promise<Row[]> {
  const { system, options } = stage;
  const figures: number[] = [];
  const floors: number[] = [];
  const waits: number[] = [];
  const perUpdate: number[] = [];
  options.say('rounds with consumers running');
  for (let left = options.quick ? 2 : 5; left > 0; left--) {
    await system.ask('pause', 'outbox-relay');
    floors.push((await round(stage, 'perfect', 8)).perSecond);
    await system.ask('resume', 'outbox-relay');
    await system.caughtUp();
    const { perSecond, count } = await round(stage, 'system', 8);
    const behind = await system.caughtUp();
    figures.push(perSecond);
    waits.push(behind / 1000);
    perUpdate.push(behind / count);
  }
  return [
    row({
      name: 'updates, 8 in flight, consumers running',
      unit: '/s',
      figures,
      floor: { name: `/s, ${PERFECT}, consumers paused`, values: floors },
      ratios: ratios(figures, floors),
    }),
    row({
      name: 'until consumers had caught up',
      unit: 's',
      figures: waits,
      note: `after ${ROUND_MS / 1000} s of updates; ${percentile(perUpdate, 50).toFixed(1)} ms an update`,
    }),
  ];
}

/** Milliseconds of CPU that the system's Node processes take in a second of doing nothing. */
async function idleCpu(system: BenchSystem): Promise<number> {
  const { nodeCpuMs } = await system.ask('usage');
  await wait(IDLE_MS);
  return ((await system.ask('usage')).nodeCpuMs - nodeCpuMs) / (IDLE_MS / 1000);
}

const IDLE_MS = 3000;
const ROUND_MS = 1500;

async function round(stage: Stage, side: 'system' | 'perfect', inFlight: number): Promise<Round> {
  const { system, perfect, token, writers } = stage;
  const cpuMs = async () =>
    side === 'system' ? (await system.ask('usage')).nodeCpuMs : await perfect.cpuMs();
  const url = side === 'system' ? system.url : perfect.url;
  const before = await cpuMs();
  const driven = await drive(url, token, writers.slice(0, inFlight), ROUND_MS);
  return { ...driven, cpuMs: ((await cpuMs()) - before) / driven.count };
}

interface Perfect {
  url: string;
  cpuMs(): Promise<number>;
  stop(): void;
}

interface Said {
  port?: number;
  cpu?: NodeJS.CpuUsage;
}

async function startPerfect(dynamodb: string): Promise<Perfect> {
  const client = clientOf(dynamodb);
  const table = await tableNamed(client, 'commands');
  client.destroy();
  const child = fork(join(import.meta.dirname, 'perfect-handler.ts'), [dynamodb, table]);
  const { port } = await next(child);
  return {
    url: `http://127.0.0.1:${port}`,
    async cpuMs() {
      const said = next(child);
      child.send({});
      const { user = 0, system = 0 } = (await said).cpu ?? {};
      return (user + system) / 1000;
    },
    stop: () => child.disconnect(),
  };
}

const next = (child: ChildProcess): Promise<Said> =>
  new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`the perfect handler ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (said: Said) => {
      child.off('exit', ended);
      resolve(said);
    });
  });
