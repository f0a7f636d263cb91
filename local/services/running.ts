import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isAlive, markOf, type ProcessMark } from './process-mark.ts';

/** What a running system tells others about itself, in its data folder. */
export interface Running {
  process: ProcessMark;
  /** Set once it serves. */
  url?: string;
  issuer?: string;
}

/** A parent that was killed takes its system along within this time. */
const LEAVES_WITHIN_MS = 3_000;

export const defaultDataDir = (): string => resolve(process.env['DATA_DIR'] ?? '.followthrough');

/** The system that runs on this data folder now, null when there is none. */
export function findRunning(dataDir: string): Running | null {
  const found = read(fileOf(dataDir));
  return found !== null && isAlive(found.process) ? found : null;
}

/** Takes the data folder for this process. False when another one has it and keeps it for so many milliseconds. */
export async function claim(dataDir: string, patience = LEAVES_WITHIN_MS): Promise<boolean> {
  mkdirSync(dataDir, { recursive: true });
  const own = markOf(process.pid);
  if (own === null) throw new Error('This process cannot find itself in the process list');
  const deadline = Date.now() + patience;
  while (findRunning(dataDir) !== null) {
    if (Date.now() > deadline) return false;
    await wait(50);
  }
  rmSync(fileOf(dataDir), { force: true });
  return create(fileOf(dataDir), { process: own });
}

export function announce(dataDir: string, addresses: { url: string; issuer: string }): void {
  const claimed = read(fileOf(dataDir));
  if (claimed === null) throw new Error(`${dataDir} was not claimed`);
  writeFileSync(`${fileOf(dataDir)}.new`, JSON.stringify({ ...claimed, ...addresses }));
  renameSync(`${fileOf(dataDir)}.new`, fileOf(dataDir));
}

export function release(dataDir: string): void {
  if (read(fileOf(dataDir))?.process.pid === process.pid) rmSync(fileOf(dataDir), { force: true });
}

function create(file: string, running: Running): boolean {
  try {
    writeFileSync(file, JSON.stringify(running), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

function read(file: string): Running | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

const fileOf = (dataDir: string) => join(dataDir, 'running.json');
