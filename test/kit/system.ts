import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../local/services/ports.ts';
import { type Caller, caller } from './caller.ts';

/** The whole system in processes of its own, started as `npm start` starts it, spoken to over HTTP. */
export interface RunningSystem extends Caller {
  url: string;
  dataDir: string;
  /** A bearer token of a demo person. */
  token(person: string): Promise<string>;
  /** What it printed since its last start. */
  output(): string;
  /** `kill -9` of the process; what it started ends with it. */
  kill(): Promise<void>;
  /** Starts it again on the same data and the same port; the seconds it took to say `ready`. */
  start(): Promise<number>;
  /** Ends it as Ctrl-C does; its exit code. */
  interrupt(): Promise<number | null>;
  /** Ends it and removes its data. */
  remove(): Promise<void>;
}

export interface SystemSettings {
  flags?: readonly string[];
  environment?: Record<string, string>;
}

/** Prepares a system on a folder and a port of its own; `start()` starts it. */
export async function prepareSystem({
  flags = [],
  environment = {},
}: SystemSettings = {}): Promise<RunningSystem> {
  const dataDir = mkdtempSync(join(tmpdir(), 'followthrough-story-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const tokens = new Map<string, Promise<string>>();
  let child: ChildProcess | undefined;
  let printed = '';

  const env = { ...process.env, DATA_DIR: dataDir, PORT: String(port), ...environment };
  const tokenOf = (person: string): Promise<string> => {
    const known = tokens.get(person) ?? run(['local/token.ts', person], env);
    tokens.set(person, known);
    known.catch(() => tokens.delete(person));
    return known;
  };

  return {
    url,
    dataDir,
    token: tokenOf,
    output: () => printed,
    ...caller(url, tokenOf),
    async kill() {
      await ended(child, 'SIGKILL');
    },
    async start() {
      printed = '';
      const began = performance.now();
      child = spawn(process.execPath, ['local/start.ts', ...flags], {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      await ready(child, (text) => {
        printed += text;
        return printed;
      });
      return (performance.now() - began) / 1000;
    },
    interrupt: () => ended(child, 'SIGINT'),
    async remove() {
      await ended(child, 'SIGINT');
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function ready(child: ChildProcess, print: (text: string) => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const see = (chunk: Buffer) => {
      if (/^ready/m.test(print(chunk.toString()))) resolve();
    };
    child.stdout?.on('data', see);
    child.stderr?.on('data', see);
    child.once('exit', (code) => reject(new Error(`it ended with ${code}:\n${print('')}`)));
  });
}

function ended(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<number | null> {
  if (!child || child.exitCode !== null || child.signalCode !== null)
    return Promise.resolve(child?.exitCode ?? null);
  return new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill(signal);
  });
}

function run(args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.once('exit', (code) =>
      code === 0 ? resolve(output.trim()) : reject(new Error(`${args.join(' ')}: ${code}`)),
    );
  });
}
