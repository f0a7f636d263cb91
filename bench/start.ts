import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { assemble } from '../local/assembly.ts';
import { startDynamoDb } from '../local/services/dynamodb.ts';
import { freePort } from '../local/services/ports.ts';
import type { Measure } from './measure.ts';
import { row } from './row.ts';
import { ratios } from './spread.ts';

const ROOT = resolve(import.meta.dirname, '..');
const MEGABYTE = 1_000_000;

/** From `npm start`'s own command to its line `ready`, on a built tree, and the memory after it; against DynamoDB Local alone on the same data. */
export const startTime: Measure = async ({ quick, say }) => {
  await assemble();
  const rounds = quick ? 1 : 4;
  const first: number[] = [];
  const again: number[] = [];
  const bareFirst: number[] = [];
  const bare: number[] = [];
  const memory: Memory[] = [];
  for (let round = 0; round < rounds; round++) {
    const dataDir = mkdtempSync(join(tmpdir(), 'followthrough-bench-'));
    const empty = mkdtempSync(join(tmpdir(), 'followthrough-bench-'));
    try {
      bareFirst.push(await startBare(empty));
      first.push((await startOnce(dataDir)).seconds);
      bare.push(await startBare(dataDir));
      const second = await startOnce(dataDir);
      again.push(second.seconds);
      memory.push(second.memory);
      say(`first ${first.at(-1)?.toFixed(1)} s, second ${again.at(-1)?.toFixed(1)} s`);
    } finally {
      for (const folder of [dataDir, empty]) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  }
  return [
    row({
      name: 'second start to ready, sample loaded',
      unit: 's',
      figures: again,
      floor: { name: 's, DynamoDB Local alone on that data', values: bare },
      ratios: ratios(again, bare),
      target: { of: 'figure', is: 'at most', value: 20 },
    }),
    row({
      name: 'first start to ready, loading the sample',
      unit: 's',
      figures: first,
      floor: { name: 's, DynamoDB Local alone, empty', values: bareFirst },
      ratios: ratios(first, bareFirst),
    }),
    row({ name: 'memory of Node', unit: 'MB', figures: memory.map(({ node }) => node / MEGABYTE) }),
    row({ name: 'memory of the JVM', unit: 'MB', figures: memory.map(({ jvm }) => jvm / MEGABYTE) }),
  ];
};

interface Memory {
  node: number;
  jvm: number;
}

async function startOnce(dataDir: string): Promise<{ seconds: number; memory: Memory }> {
  const began = performance.now();
  const child = spawn(process.execPath, ['local/start.ts'], {
    cwd: ROOT,
    env: { ...process.env, DATA_DIR: dataDir, PORT: String(await freePort()) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((done) => child.once('exit', done));
  try {
    await ready(child);
    const seconds = (performance.now() - began) / 1000;
    // Functions are loaded one after the other for a moment more.
    await wait(3000);
    return { seconds, memory: memoryOf(child.pid ?? 0) };
  } finally {
    child.kill('SIGINT');
    await ended;
  }
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let printed = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (/^ready/m.test(printed)) resolve();
    });
    child.once('exit', (code) => reject(new Error(`the system ended with ${code}:\n${printed}`)));
  });
}

async function startBare(dataDir: string): Promise<number> {
  const began = performance.now();
  const dynamodb = await startDynamoDb({ dataDir, port: await freePort() });
  const seconds = (performance.now() - began) / 1000;
  await dynamodb.stop();
  return seconds;
}

/** Resident memory of a process and of all that it started. */
function memoryOf(root: number): Memory {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => readProcess(Number(pid)));
  const family = new Set([root]);
  for (const { pid, parent } of processes.sort((a, b) => a.pid - b.pid))
    if (family.has(parent)) family.add(pid);
  const of = (name: RegExp) =>
    processes
      .filter(({ pid, name: called }) => family.has(pid) && name.test(called))
      .reduce((sum, { bytes }) => sum + bytes, 0);
  return { node: of(/^(node|MainThread)/), jvm: of(/^java/) };
}

function readProcess(pid: number): { pid: number; parent: number; name: string; bytes: number }[] {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const field = (name: string) => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1] ?? '';
    return [
      { pid, parent: Number(field('PPid')), name: field('Name'), bytes: Number(field('VmRSS')) * 1024 },
    ];
  } catch {
    // It ended while the list was read.
    return [];
  }
}
