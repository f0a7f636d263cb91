import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CannotStart } from './cannot-start.ts';

const ROOT = resolve(import.meta.dirname, '..');
const ASSEMBLY = join(ROOT, 'cdk.out');
const STAMP = join(ASSEMBLY, 'inputs.sha256');
const INPUTS = ['{functions,infra,shared}/**/*.{ts,json}', 'package-lock.json', 'package.json', 'cdk.json'];
const STEPS = ['infra/build.ts', 'infra/app.ts'];

/**
 * Builds the functions and synthesises the template where their sources have changed since the last time, in
 * processes of their own. Answers the folder of the assembly and whether there was something to do.
 */
export async function assemble(): Promise<{ folder: string; built: boolean }> {
  const inputs = hashOfInputs();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === inputs) return { folder: ASSEMBLY, built: false };
  for (const step of STEPS) await run(step);
  writeFileSync(STAMP, inputs);
  return { folder: ASSEMBLY, built: true };
}

function hashOfInputs(): string {
  const hash = createHash('sha256');
  for (const file of globSync(INPUTS, { cwd: ROOT }).sort()) {
    const content = readFileSync(join(ROOT, file));
    hash.update(`${file} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

function run(script: string): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [script], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    const endWithUs = () => child.kill();
    process.once('exit', endWithUs);
    let said = '';
    const listen = (chunk: Buffer) => {
      said += chunk;
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.on('error', fail);
    child.on('close', (code) => {
      process.off('exit', endWithUs);
      if (code === 0) done();
      else fail(new CannotStart(`node ${script} ended with exit code ${code}:\n${said.trim()}`));
    });
  });
}
