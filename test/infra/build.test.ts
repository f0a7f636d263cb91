import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FUNCTIONS, type FunctionName } from '../../functions/wiring.ts';
import { BUNDLES, type BundleSize, build } from '../../infra/build.ts';
import type { Json } from '../../local/host/services.ts';
import { cloud, functionOf } from '../kit/template.ts';

const names = Object.keys(FUNCTIONS) as FunctionName[];
const sizes: Record<string, BundleSize> = JSON.parse(readFileSync(join(BUNDLES, 'meta.json'), 'utf8'));

/** Minified bytes that a function may load before its handler is ready: people wait for a command's. */
const BUDGET = 450_000;
/** Nobody waits for these: an export begins when its writer does, and the writer of Parquet alone is 54 KB. */
const LARGER: Partial<Record<FunctionName, number>> = { 'audit-export-write': 520_000 };

/** Loads a bundle as Lambda does, and tells what was loaded of it. */
const LOADER = `
import { registerHooks } from 'node:module';
const loaded = [];
registerHooks({ load(url, context, next) { if (url.startsWith('file:')) loaded.push(url); return next(url, context); } });
const { handler } = await import(process.argv[1]);
process.stdout.write(JSON.stringify({ handler: typeof handler, loaded }));
process.exit();
`;

function load(name: FunctionName): { handler: string; loaded: string[] } {
  const variables = (cloud.property(functionOf(name), 'Environment') as Json | undefined)?.['Variables'];
  const said = execFileSync(
    process.execPath,
    ['--input-type=module', '--eval', LOADER, join(BUNDLES, name, 'index.mjs')],
    { env: { ...(variables as Record<string, string>), AWS_REGION: 'eu-west-1' }, encoding: 'utf8' },
  );
  return JSON.parse(said);
}

describe.each(names)('the bundle of %s', (name) => {
  it('is small', () => {
    expect(sizes[name]?.eager).toBeLessThanOrEqual(LARGER[name] ?? BUDGET);
  });

  it('starts with exactly the environment of the template, loading what its size says and no provider of credentials', () => {
    const { handler, loaded } = load(name);
    expect(handler).toBe('function');
    const bytes = loaded.reduce((sum, url) => sum + statSync(new URL(url)).size, 0);
    expect(bytes).toBe(sizes[name]?.eager);
    const code = loaded.map((url) => readFileSync(new URL(url), 'utf8')).join('\n');
    // What only the providers of a person's own machine speak of: processes and single sign-on.
    for (const provider of ['credential_process', '/federation/credentials', 'sso_start_url'])
      expect(code, loaded.map((url) => basename(url)).join()).not.toContain(provider);
  });
});

it('names the entry that does not exist', async () => {
  const functions = { 'some-function': { entry: 'functions/nowhere.ts' } };
  await expect(build(functions)).rejects.toThrow(/functions\/nowhere\.ts \(some-function\)/);
});
