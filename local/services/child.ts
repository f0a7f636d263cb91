import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { CannotStart } from '../cannot-start.ts';
import { isAlive, markOf, type ProcessMark } from './process-mark.ts';

export interface Child {
  pid: number;
  /** Resolves when it has ended, with how. Never rejects. */
  ended: Promise<string>;
  /** Asks it to end, and ends it after three seconds. */
  stop(): Promise<void>;
}

export interface ChildSpec {
  /** Names it to people, and its files in the data folder. */
  name: string;
  command: string;
  args: string[];
  cwd?: string;
  dataDir: string;
  /** Asked again and again until true. */
  isReady(): Promise<boolean>;
}

/**
 * A second shell waits for a line on standard input while the first becomes the service. When the parent dies,
 * by whatever signal, the pipe closes without a line and the service is ended too.
 */
const GUARD = [
  'exec 3<&0 </dev/null',
  '{ read -r _ <&3 || kill -9 $$; } >/dev/null 2>&1 &',
  'exec 3<&-',
  'exec "$@"',
].join('\n');

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 3_000;

/**
 * Starts a service and waits until it is ready. It gets a process group of its own, so that Ctrl-C reaches only
 * us and we end it after what uses it. Whatever a start that was killed left behind is ended first.
 */
export async function startChild(spec: ChildSpec): Promise<Child> {
  await endOrphan(spec.dataDir, spec.name);
  const logFile = logOf(spec.dataDir, spec.name);
  mkdirSync(join(spec.dataDir, 'logs'), { recursive: true });
  const output = openSync(logFile, 'w');
  const child = spawn('sh', ['-c', GUARD, 'sh', spec.command, ...spec.args], {
    detached: true,
    stdio: ['pipe', output, output],
    ...(spec.cwd && { cwd: spec.cwd }),
  });
  closeSync(output);
  const ended = endOf(child);
  const pid = child.pid;
  if (pid === undefined) throw new CannotStart(`${spec.name} did not start: ${await ended}`);
  writeMark(spec.dataDir, spec.name, markOf(pid));
  ended.then(() => rmSync(recordOf(spec.dataDir, spec.name), { force: true }));
  const stop = () => end(child, ended);
  try {
    await untilReady(spec, ended, logFile);
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid, ended, stop };
}

/** Ends what an earlier start recorded in this data folder, if it still lives and is the very same process. */
export async function endOrphan(dataDir: string, name: string): Promise<boolean> {
  const mark = readMark(recordOf(dataDir, name));
  if (mark === null || !isAlive(mark)) return false;
  process.kill(mark.pid, 'SIGKILL');
  while (isAlive(mark)) await wait(10);
  return true;
}

async function untilReady(spec: ChildSpec, ended: Promise<string>, logFile: string): Promise<void> {
  let end: string | undefined;
  ended.then((how) => {
    end = how;
  });
  const deadline = Date.now() + READY_WITHIN_MS;
  while (end === undefined && Date.now() < deadline) {
    if (await spec.isReady().catch(() => false)) return;
    await wait(25);
  }
  const what = end ?? `was not ready within ${READY_WITHIN_MS / 1000} s`;
  const said = readFileSync(logFile, 'utf8').trim().split('\n').slice(-15).join('\n  ');
  throw new CannotStart(`${spec.name} ${what}; it said (${logFile}):\n  ${said}`);
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, signal) => {
      child.stdin?.on('error', () => {});
      child.stdin?.end('ended\n');
      resolve(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`);
    });
  });
}

async function end(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await ended;
  clearTimeout(force);
}

function writeMark(dataDir: string, name: string, mark: ProcessMark | null): void {
  if (mark !== null) writeFileSync(recordOf(dataDir, name), JSON.stringify(mark));
}

function readMark(file: string): ProcessMark | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

const recordOf = (dataDir: string, name: string) => join(dataDir, `${name}.process.json`);
const logOf = (dataDir: string, name: string) => join(dataDir, 'logs', `${name}.log`);
