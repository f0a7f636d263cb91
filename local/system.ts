import { createWriteStream, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { assemble } from './assembly.ts';
import { CannotStart } from './cannot-start.ts';
import { type Host, startHost } from './host/host.ts';
import { fetchIdToken } from './identity/code-flow.ts';
import { CLIENT_ID, startIssuer } from './identity/issuer.ts';
import { loadSample } from './sample.ts';
import { type Child, endOrphan } from './services/child.ts';
import { startDynamoDb } from './services/dynamodb.ts';
import { choosePorts } from './services/ports.ts';
import { checkDatabases, checkDataDir, checkJava, checkPort, dataDirInUse } from './services/preflight.ts';
import { startQueues } from './services/queues.ts';
import { announce, claim, findRunning, release } from './services/running.ts';
import { makeSteps, type Steps, stepLine } from './steps.ts';

const SETTLES_WITHIN_MS = 20_000;

export interface SystemOptions {
  dataDir: string;
  /** 0 takes a free one. */
  port: number;
  /** Loads the sample response when this data folder has none yet. Default: yes. */
  sample?: boolean;
  /** Removes what the data folder holds first. */
  reset?: boolean;
  /** For tests: starts sooner, runs slower. */
  quick?: boolean;
  /** More environment variables for the functions. */
  environment?: Record<string, string>;
  /** Caps how long a message that failed stays away; without it the template's timeouts hold. */
  visibilityTimeoutSeconds?: number;
  /** Caps the wait between two attempts at a batch of stream records. */
  longestBackoffMs?: number;
  /** Gets a line for each step of the start. What the functions print is in `logs/host.log` of the data folder. */
  log?(line: string): void;
}

export interface System {
  url: string;
  issuer: string;
  host: Host;
  /**
   * For the SDK's clients. `objects` is the S3 that functions have; `s3` is the one behind it, which knows neither locks
   * nor conditions: what someone with the disk could do.
   */
  endpoints: { dynamodb: string; sqs: string; s3: string; objects: string; kms: string };
  pids: { dynamodb: number; queues: number };
  /** A bearer token of a demo person. */
  token(person: string): Promise<string>;
  /** Resolves, with a sentence, when something it needs has ended by itself. */
  failed: Promise<string>;
  /** Waits, for so long at most, until nothing is under way any more; answers whether it is so. */
  settle(withinMs: number): Promise<boolean>;
  stop(): Promise<void>;
}

/** Starts the whole system: services, issuer, host and, the first time, the sample. Undone when it fails. */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { dataDir, log = () => {} } = options;
  const unwritable = checkDataDir(dataDir);
  if (unwritable !== null) throw new CannotStart(unwritable);
  // Before the ports are looked at: a system that is just going still holds them.
  if (!(await claim(dataDir)))
    throw new CannotStart(dataDirInUse(dataDir, findRunning(dataDir)?.process.pid));
  const steps = makeSteps(log);
  steps.onUndo(async () => release(dataDir));
  try {
    const problems = await Promise.all([checkJava(), checkPort(options.port)]);
    if (problems.some((problem) => problem !== null))
      throw new CannotStart(problems.filter(Boolean).join('\n'));
    await Promise.all([endOrphan(dataDir, 'dynamodb'), endOrphan(dataDir, 'queues')]);
    if (options.reset) clear(dataDir);
    const damaged = checkDatabases(dataDir);
    if (damaged !== null) throw new CannotStart(damaged);
    return await start(options, steps);
  } catch (error) {
    await steps.undo();
    throw error;
  }
}

async function start(options: SystemOptions, steps: Steps): Promise<System> {
  const {
    dataDir,
    port,
    quick = false,
    environment = {},
    visibilityTimeoutSeconds,
    longestBackoffMs,
  } = options;
  const ports = await choosePorts(dataDir, port);
  const [assembly, dynamodb, queues, issuer] = await allSettled([
    steps.run('build', assemble(), ({ built }) => (built ? 'built and synthesised' : 'nothing has changed')),
    steps.start('dynamodb', startDynamoDb({ dataDir, port: ports.dynamodb, quick }), ({ url }) => url),
    steps.start('queues', startQueues({ dataDir, port: ports.queues }), ({ sqsUrl }) => sqsUrl),
    steps.start('issuer', startIssuer({ dataDir, port: ports.issuer }), ({ url }) => url),
  ]);
  const endpoints = { dynamodb: dynamodb.url, sqs: queues.sqsUrl, s3: queues.s3Url };
  const starting = startHost({
    assembly: assembly.folder,
    endpoints: { ...endpoints, issuer: issuer.url },
    dataDir: hostFolder(dataDir),
    httpPort: port,
    environment: {
      ISSUER_URL: issuer.url,
      JWKS_URL: issuer.jwksUrl,
      TOKEN_AUDIENCE: CLIENT_ID,
      ALLOW_LOOPBACK_WEBHOOKS: 'true',
      ...environment,
    },
    ...(visibilityTimeoutSeconds !== undefined && { visibilityTimeoutSeconds }),
    ...(longestBackoffMs !== undefined && { longestBackoffMs }),
    log: logTo(join(dataDir, 'logs', 'host.log')),
  });
  const host = await steps.start('host', starting, ({ url }) => url);
  const url = host.url;
  const token = (person: string) => fetchIdToken(issuer.url, person);
  await loadOnFirstStart(options, steps, host, token);
  announce(dataDir, { url, issuer: issuer.url });
  return {
    url,
    issuer: issuer.url,
    host,
    endpoints: { ...endpoints, ...host.urls },
    pids: { dynamodb: dynamodb.pid, queues: queues.pid },
    token,
    failed: Promise.race([failure('dynamodb', dynamodb), failure('queues', queues)]),
    settle: (withinMs) => settled(host, withinMs),
    stop: () => steps.undo(),
  };
}

/** Who starts with an empty system keeps it empty: the mark is set either way, once the load is complete. */
async function loadOnFirstStart(
  { dataDir, sample = true, log = () => {} }: SystemOptions,
  steps: Steps,
  host: Host,
  token: System['token'],
): Promise<void> {
  if (existsSync(firstStartMark(dataDir))) return;
  const onProgress = (loaded: number, of: number) => {
    if (loaded % 20 === 0) log(stepLine('sample', '', `${loaded} of ${of} commitments`));
  };
  if (sample) {
    const load = loadSample({ url: host.url, token: await token('coordinator'), onProgress });
    await steps.run('sample', load, (count) => `${count} commitments of the IOM response`);
    await steps.run('consumers', settled(host, SETTLES_WITHIN_MS), (idle) =>
      idle ? 'caught up' : 'still busy',
    );
  }
  writeFileSync(firstStartMark(dataDir), '');
}

/** Whether nothing waits in any stream or queue any more, so that the first look at the totals is a true one. */
async function settled(host: Host, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  for (let quiet = 0; Date.now() < deadline; await wait(50)) {
    const { queues, streams } = await host.backlog();
    const waiting = Object.values(queues).map(({ visible, inFlight }) => visible + inFlight);
    // Twice, since an event may be on the bus, between stream and queue.
    quiet = [...waiting, ...Object.values(streams)].every((count) => count === 0) ? quiet + 1 : 0;
    if (quiet === 2) return true;
  }
  return false;
}

/** As Promise.all, but waits for all of them, so that nothing starts after a failure was answered. */
async function allSettled<T extends unknown[]>(work: [...{ [I in keyof T]: Promise<T[I]> }]): Promise<T> {
  await Promise.allSettled(work);
  return Promise.all(work) as Promise<T>;
}

async function failure(name: string, child: Child): Promise<string> {
  return `${name} ${await child.ended}`;
}

/** Everything but the claim on the folder itself. */
function clear(dataDir: string): void {
  for (const name of ['dynamodb', 'queues', 'identity', 'logs', 'host', 'first-start.done', 'issuer.port'])
    rmSync(join(dataDir, name), { recursive: true, force: true });
}

function hostFolder(dataDir: string): string {
  const folder = join(dataDir, 'host');
  mkdirSync(folder, { recursive: true });
  return folder;
}

function logTo(file: string): (line: string) => void {
  const stream = createWriteStream(file);
  return (line) => stream.write(`${line}\n`);
}

const firstStartMark = (dataDir: string) => join(dataDir, 'first-start.done');
