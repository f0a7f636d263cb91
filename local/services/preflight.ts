import { execFile } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { isFree } from './ports.ts';

const OLDEST_JAVA = 17;
const GET_JAVA = `install version ${OLDEST_JAVA} or newer (a JRE is enough, for example openjdk-${OLDEST_JAVA}-jre-headless)`;

/** Each check answers what stands in the way of a start, as one sentence that says what to do, or null. */
export async function checkJava(command = 'java'): Promise<string | null> {
  const said = await javaVersion(command);
  if (said === null) return `Java is missing: DynamoDB Local runs on it, so ${GET_JAVA} and start again.`;
  const major = majorOf(said);
  if (major === null) return `Java does not say its version ("${said}"): ${GET_JAVA} and start again.`;
  return major < OLDEST_JAVA
    ? `Java ${major} is too old for DynamoDB Local: ${GET_JAVA} and start again.`
    : null;
}

/** `openjdk version "17.0.15" 2025-04-15` → 17; the old scheme `java version "1.8.0_292"` → 8. */
export function majorOf(versionOutput: string): number | null {
  const match = /version "(?:1\.)?(\d+)/.exec(versionOutput);
  return match === null ? null : Number(match[1]);
}

export async function checkPort(port: number): Promise<string | null> {
  if (port === 0 || (await isFree(port))) return null;
  return `Port ${port} is in use: stop what listens there, or set PORT to another one (PORT=9090 npm start).`;
}

export function checkDataDir(dataDir: string): string | null {
  const probe = join(dataDir, `.write-${process.pid}`);
  try {
    makeFolder(dataDir);
    accessSync(dataDir, constants.W_OK);
    writeFileSync(probe, '');
    rmSync(probe);
    return null;
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? error.code : error;
    return `The data folder ${dataDir} cannot be written (${why}): make it writable, or set DATA_DIR to another one.`;
  }
}

/** Node's own recursive mkdir tries for ever where a file system takes no folder and says that the parent is missing (/proc). */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another start may have made it meanwhile.
    if (!existsSync(path)) throw error;
  }
}

/** SQLite's own first bytes; an empty file is a database that holds nothing yet. */
const SQLITE = 'SQLite format 3\0';

/** DynamoDB Local would be asked for a minute before it was given up. */
export function checkDatabases(dataDir: string): string | null {
  const damaged = ['dynamodb', 'queues']
    .map((name) => join(dataDir, name))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((file) => file.endsWith('.db'))
    .find((file) => !SQLITE.startsWith(firstBytes(file, SQLITE.length)));
  return damaged === undefined
    ? null
    : `The database ${damaged} is damaged: put a copy of the data folder in its place, or begin again with \`npm start -- --reset\`.`;
}

function firstBytes(file: string, count: number): string {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(count);
    return bytes.toString('latin1', 0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}

/** What the functions read from it has to be readable, or none of them that deliver would start. */
export function checkRetrySchedule(text: string | undefined): string | null {
  return text === undefined || /^\s*(\d+(\.\d+)?\s*(,\s*\d+(\.\d+)?\s*)*)?$/.test(text)
    ? null
    : `WEBHOOK_RETRY_SCHEDULE is "${text}": set it to seconds before each attempt, separated by commas, like 0,5,300.`;
}

export const dataDirInUse = (dataDir: string, pid: number | undefined): string =>
  `Another Followthrough${pid === undefined ? '' : ` (process ${pid})`} runs on ${dataDir}: stop it, or set DATA_DIR and PORT to run a second one.`;

async function javaVersion(command: string): Promise<string | null> {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, ['-version'], { timeout: 20_000 });
    return `${stderr}${stdout}`.trim();
  } catch {
    return null;
  }
}
