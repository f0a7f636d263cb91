import { parseArgs } from 'node:util';
import { CannotStart } from './cannot-start.ts';
import { people } from './identity/people.ts';
import { checkRetrySchedule } from './services/preflight.ts';
import { defaultDataDir, release } from './services/running.ts';
import { type System, startSystem } from './system.ts';

const USAGE = `npm start [-- --reset] [-- --empty]

Runs Followthrough on this machine until Ctrl-C.

  --reset   removes all data first
  --empty   loads no sample response
  --help    shows this

Environment: PORT (8787), DATA_DIR (.followthrough), WEBHOOK_RETRY_SCHEDULE (seconds before each attempt, with commas)`;

const PARENT_CHECK_MS = 250;
/** One Ctrl-C arrives twice, from the terminal and from npm. */
const SAME_CTRL_C_MS = 1_000;
/** What is under way when it is stopped gets so long to come to its end. */
const FINISHES_WITHIN_MS = 5000;

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const dataDir = defaultDataDir();
let system: System | undefined;
let stoppingSince: number | undefined;

async function main(): Promise<void> {
  const { values } = readFlags();
  if (values.help) {
    say(USAGE);
    return;
  }
  const began = performance.now();
  obeySignals();
  say(`Followthrough starts; its data is in ${dataDir}`);
  const schedule = process.env['WEBHOOK_RETRY_SCHEDULE'];
  const unreadable = checkRetrySchedule(schedule);
  if (unreadable !== null) throw new CannotStart(unreadable);
  system = await startSystem({
    dataDir,
    port: readPort(),
    sample: !values.empty,
    reset: values.reset,
    environment: schedule === undefined ? {} : { WEBHOOK_RETRY_SCHEDULE: schedule },
    log: say,
  });
  if (stoppingSince !== undefined) return;
  say(welcome(system));
  say(`ready in ${((performance.now() - began) / 1000).toFixed(1)} s at ${system.url} (Ctrl-C stops it)`);
  system.failed.then((sentence) => {
    if (stoppingSince === undefined)
      void stop(1, `Stopping, because ${sentence}; its log is in ${dataDir}/logs.`);
  });
}

function welcome({ url, issuer }: System): string {
  const rows = people.map(({ id, name, roles }) => `  ${id.padEnd(16)}${name.padEnd(20)}${roles.join(', ')}`);
  return `
  API           ${url}/v1
  sign-in       ${issuer}

Demo people (npm run token -- <person> prints a bearer token):
${rows.join('\n')}

Try: curl '${url}/v1/commitments?overdue=true&limit=3'
`;
}

function readFlags() {
  const flag = { type: 'boolean', default: false } as const;
  return parseArgs({ options: { reset: flag, empty: flag, help: { ...flag, short: 'h' } } });
}

function readPort(): number {
  const text = process.env['PORT'] ?? '8787';
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_532)
    throw new CannotStart(`PORT is "${text}": set it to a number below 65533.`);
  return port;
}

function obeySignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void onSignal());
  // The reader of our output may go before we do (npm start | head).
  process.stdout.on('error', () => {});
  if (process.env['npm_lifecycle_event'] === 'start') stopWithParent();
}

/** npm passes SIGTERM on, but can't when it is killed itself. */
function stopWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent && stoppingSince === undefined) void stop(1, 'Stopping with npm.');
  }, PARENT_CHECK_MS).unref();
}

function onSignal(): Promise<void> {
  if (stoppingSince === undefined) return stop(0, 'Stopping (Ctrl-C again forces it).');
  if (performance.now() - stoppingSince > SAME_CTRL_C_MS) leave(130);
  return Promise.resolve();
}

async function stop(code: number, sentence: string): Promise<void> {
  stoppingSince = performance.now();
  say(sentence);
  // What was just done has its place in the log then, instead of one that it waited for until the next start.
  if (code === 0) await system?.settle(FINISHES_WITHIN_MS).catch(() => {});
  await system?.stop();
  leave(code);
}

/** What is still alive of the services ends when our end of its pipe closes. */
function leave(code: number): never {
  release(dataDir);
  process.exit(code);
}

main().catch((error) => {
  const expected = error instanceof CannotStart || (error instanceof Error && 'code' in error);
  process.stderr.write(`${expected ? error.message : error instanceof Error ? error.stack : error}\n`);
  leave(1);
});
