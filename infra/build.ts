import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type BuildOptions, build as bundle, type Metafile, type OutputFile } from 'esbuild';
import { FUNCTIONS } from '../functions/wiring.ts';
import { constantKeys } from './constant-keys.ts';

const ROOT = resolve(import.meta.dirname, '..');
/** Where the bundle of each function goes, under its name. */
export const BUNDLES = join(ROOT, 'dist/functions');

/** Minified bytes of a bundle. */
export interface BundleSize {
  /** `index.mjs` alone. */
  entry: number;
  /** What is loaded before the handler is ready: the entry and all chunks that it imports statically. */
  eager: number;
  /** With the chunks that are loaded only when needed, such as the SDK's other providers of credentials. */
  total: number;
}

export type BundleSizes = Record<string, BundleSize>;

/** Where the code of a function begins, by the function's name. */
export type Entries = Readonly<Record<string, { entry: string }>>;

interface Bundle {
  metafile: Metafile;
  files: OutputFile[];
}

/**
 * Bundles the functions, each into a folder of its own, and writes their sizes to `meta.json` beside them.
 * @throws Error naming every entry that does not exist; esbuild's where one cannot be bundled.
 */
export async function build(functions: Entries = FUNCTIONS): Promise<BundleSizes> {
  const named = Object.entries(functions).map(([name, { entry }]) => ({ name, entry }));
  const missing = named.filter(({ entry }) => !existsSync(join(ROOT, entry)));
  if (missing.length > 0)
    throw new Error(`no entry file: ${missing.map(({ name, entry }) => `${entry} (${name})`).join(', ')}`);
  const sizes = await Promise.all(named.map(async (one) => [one.name, await buildOne(one)] as const));
  const meta: BundleSizes = Object.fromEntries(sizes);
  writeFileSync(join(BUNDLES, 'meta.json'), `${JSON.stringify(meta, null, 2)}\n`);
  return meta;
}

interface Named {
  name: string;
  entry: string;
}

async function buildOne(named: Named): Promise<BundleSize> {
  const { metafile, files } = await run(named);
  const folder = join(BUNDLES, named.name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { path, contents } of files) writeFileSync(path, contents);
  return sizeOf(metafile);
}

/**
 * A function finds its credentials in its environment, or at its container's address: the SDK never comes to the providers for
 * people's own machines, nor to what reads a browser's name. It imports them dynamically, so nothing misses them.
 */
const UNREACHED = [
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-login',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  'bowser',
];

async function run({ name, entry }: Named): Promise<Bundle> {
  const options = {
    absWorkingDir: ROOT,
    entryPoints: { index: entry },
    outdir: join(BUNDLES, name),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    // Leaves what is imported dynamically in chunks of its own, unloaded: the SDK's providers of credentials above all.
    splitting: true,
    platform: 'node',
    target: 'node24',
    // The SDK's ES modules can be shaken; its CommonJS can't.
    mainFields: ['module', 'main'],
    minify: true,
    external: UNREACHED,
    plugins: [constantKeys],
    legalComments: 'none',
    metafile: true,
    write: false,
    logLevel: 'silent',
  } satisfies BuildOptions;
  const { metafile, outputFiles } = await bundle(options);
  return { metafile, files: outputFiles };
}

function sizeOf({ outputs }: Metafile): BundleSize {
  const entry = Object.keys(outputs).find((path) => path.endsWith('/index.mjs'));
  if (entry === undefined) throw new Error('a bundle without its entry');
  const eager = new Set([entry]);
  for (const path of eager)
    for (const { path: imported, kind, external } of outputs[path]?.imports ?? [])
      if (kind === 'import-statement' && !external) eager.add(imported);
  const bytes = (paths: Iterable<string>) =>
    [...paths].reduce((sum, path) => sum + (outputs[path]?.bytes ?? 0), 0);
  return { entry: bytes([entry]), eager: bytes(eager), total: bytes(Object.keys(outputs)) };
}

if (import.meta.main) {
  const began = performance.now();
  const sizes = await build();
  const kilobytes = (bytes: number) => `${Math.ceil(bytes / 1000)} KB`.padStart(8);
  for (const [name, { eager, total }] of Object.entries(sizes))
    console.log(`${name.padEnd(28)}${kilobytes(eager)} at start${kilobytes(total)} in all`);
  console.log(`built in ${Math.round(performance.now() - began)} ms`);
}
