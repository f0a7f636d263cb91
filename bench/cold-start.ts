import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build as bundle } from 'esbuild';
import {
  FUNCTIONS,
  type FunctionName,
  type FunctionWiring,
  QUEUES,
  SUBSCRIPTIONS,
} from '../functions/wiring.ts';
import { BUNDLES, type BundleSizes } from '../infra/build.ts';
import { assemble } from '../local/assembly.ts';
import { TABLES } from '../shared/store/keys.ts';
import type { Measure } from './measure.ts';
import { type Row, row } from './row.ts';
import { interleave, ratios } from './spread.ts';

const ROOT = resolve(import.meta.dirname, '..');

/** The commands' functions: a person waits for them. */
const COMMANDS: readonly FunctionName[] = [
  'commitments-command',
  'rollups-recalculate',
  'notifications-subscriptions',
];
/** Readers wait for these too. Some of what they have is loaded only when it is asked for. */
const READS: readonly FunctionName[] = ['audit-query', 'audit-exports', 'audit-log', 'privacy-command'];
const MAX_BYTES = 450_000;

/** Process start to a ready handler, and minified size, of each function against an empty one with the same clients in a single file. */
export const coldStart: Measure = async ({ quick, say }) => {
  const folder = mkdtempSync(join(tmpdir(), 'followthrough-bench-'));
  try {
    say('building');
    await assemble();
    const sizes = JSON.parse(readFileSync(join(BUNDLES, 'meta.json'), 'utf8')) as BundleSizes;
    const names = Object.keys(FUNCTIONS) as FunctionName[];
    const floors = new Map<string, string>();
    for (const name of names) {
      const clients = clientsOf(FUNCTIONS[name]);
      const key = clients.join('+');
      if (!floors.has(key)) floors.set(key, await buildFloor(folder, clients));
    }
    const probe = join(folder, 'probe.mjs');
    writeFileSync(probe, PROBE);
    const start = (file: string) => async () => startOnce(probe, file);
    const variants = {
      ...Object.fromEntries([...floors].map(([key, file]) => [`floor ${key}`, start(file)])),
      ...Object.fromEntries(names.map((name) => [name, start(join(BUNDLES, name, 'index.mjs'))])),
    };
    say(`starting each of ${Object.keys(variants).length} bundles ${quick ? 5 : 25} times`);
    await interleave(1, variants);
    const times = await interleave(quick ? 5 : 25, variants);
    return names.flatMap((name) => rowsOf(name));

    function rowsOf(name: FunctionName): Row[] {
      const clients = clientsOf(FUNCTIONS[name]).join('+');
      const floor = times[`floor ${clients}`] ?? [];
      const figures = times[name] ?? [];
      const isCommand = COMMANDS.includes(name);
      const isRead = READS.includes(name);
      const floorFile = floors.get(clients) ?? '';
      const { total: bytes = 0, eager = 0 } = sizes[name] ?? {};
      const floorBytes = readFileSync(floorFile).byteLength;
      return [
        row({
          name: `cold start ${name}`,
          unit: 'ms',
          figures,
          floor: { name: `ms, ${clients || 'no'} client in one file`, values: floor },
          ratios: ratios(figures, floor),
          ...((isCommand || isRead) && { target: { of: 'ratio', is: 'at most', value: 1 } }),
        }),
        row({
          name: `bundle ${name}`,
          unit: 'KB',
          figures: [bytes / 1000],
          floor: { name: `KB, ${clients || 'no'} client in one file`, values: [floorBytes / 1000] },
          ratios: [bytes / floorBytes],
          ...(isCommand && { target: { of: 'figure', is: 'at most', value: MAX_BYTES / 1000 } }),
          note: `${Math.round(eager / 1000)} KB of it at start`,
        }),
        ...(isRead
          ? [
              row({
                name: `bundle ${name}, at start`,
                unit: 'KB',
                figures: [eager / 1000],
                target: { of: 'figure', is: 'at most', value: MAX_BYTES / 1000 },
              }),
            ]
          : []),
      ];
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** The SDK's clients that a function has by its wiring. */
function clientsOf({ tables, bus, sendsTo, buckets, signs, knows }: FunctionWiring): string[] {
  return [
    ...(tables.length > 0 ? ['dynamodb'] : []),
    ...(bus ? ['eventbridge'] : []),
    ...(sendsTo ? ['sqs'] : []),
    ...(buckets ? ['s3'] : []),
    ...(signs || knows ? ['kms'] : []),
  ];
}

const CLASSES: Record<string, string> = {
  dynamodb: 'DynamoDBClient',
  eventbridge: 'EventBridgeClient',
  sqs: 'SQSClient',
  s3: 'S3Client',
  kms: 'KMSClient',
};

/** An empty function with these clients, in one minified file. */
async function buildFloor(folder: string, clients: string[]): Promise<string> {
  const lines = clients.map((client) => `import { ${CLASSES[client]} } from '@aws-sdk/client-${client}';`);
  const made = clients.map((client) => `new ${CLASSES[client]}({ maxAttempts: 4 })`).join(', ');
  const file = join(folder, `floor-${clients.join('-')}.mjs`);
  await bundle({
    stdin: {
      contents: `${lines.join('\n')}\nconst clients = [${made}];\nexport const handler = async () => clients.length;`,
      resolveDir: ROOT,
    },
    outfile: file,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    logLevel: 'silent',
    // CommonJS in the bundle requires Node's own modules.
    banner: {
      js: "import{createRequire as $createRequire}from'node:module';const require=$createRequire(import.meta.url);",
    },
  });
  return file;
}

/** Milliseconds since the process began, when the handler is there. */
const PROBE = `const { handler } = await import(process.argv[2]);
const ready = performance.now();
if (typeof handler !== 'function') throw new Error('no handler');
process.stdout.write(String(ready));
process.exit(0);
`;

function startOnce(probe: string, file: string): number {
  const output = execFileSync(process.execPath, [probe, file], { env: ENVIRONMENT, encoding: 'utf8' });
  return Number(output);
}

/** Everything that any function asks for; nothing is called while a bundle loads. */
const ENVIRONMENT: Record<string, string> = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  ...Object.fromEntries(Object.values(TABLES).map(({ env }) => [env, env])),
  ...Object.fromEntries(
    [...Object.keys(QUEUES), ...Object.keys(SUBSCRIPTIONS)].map((queue) => [
      `${queue.toUpperCase()}_QUEUE_URL`,
      `http://127.0.0.1:1/${queue}`,
    ]),
  ),
  EVENT_BUS: 'bus',
  LOG_BUCKET: 'log',
  EXPORTS_BUCKET: 'exports',
  LOG_KEY_ID: 'log',
  WITNESS_KEY_ID: 'witness',
  LOG_ORIGIN: 'example.org/audit',
  WITNESS_NAME: 'example.org/witness',
  ISSUER_URL: 'http://127.0.0.1:1',
  JWKS_URL: 'http://127.0.0.1:1/jwks',
  TOKEN_AUDIENCE: 'followthrough',
  ALLOW_LOOPBACK_WEBHOOKS: 'true',
};
