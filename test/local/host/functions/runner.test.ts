import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { type FunctionRunner, makeRunner } from '../../../../local/host/functions/runner.ts';

const folder = mkdtempSync(join(tmpdir(), 'runner-'));
const running: FunctionRunner[] = [];
let log: string[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((runner) => runner.stop()));
  log = [];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A function whose bundle is `code`. */
function functionOf(
  code: string,
  timeoutMs = 5000,
  environment: Record<string, string> = {},
): FunctionRunner {
  const file = `${running.length}-${Math.random()}.mjs`;
  writeFileSync(join(folder, file), code);
  const runner = makeRunner(
    {
      name: 'fn',
      label: 'fn',
      roleArn: 'arn:aws:iam::000000000000:role/any',
      arn: 'arn:fn',
      environment,
      start: {
        ...{
          functionName: 'fn',
          label: 'fn',
          functionArn: 'arn:fn',
          memory: 128,
          timeoutMs,
          root: folder,
          file,
        },
        ...{ exportName: 'handler', statements: [], services: [], region: 'eu-west-1', account: '1' },
      },
    },
    { log: (line) => void log.push(line), onWrites: () => {} },
  );
  running.push(runner);
  return runner;
}

const errorOf = (payload: string) => JSON.parse(payload) as { errorType: string; errorMessage: string };

describe('a function in its worker', () => {
  it('answers the JSON of what the handler returns', async () => {
    const runner = functionOf(`export const handler = async (event, context) => ({
      event, gone: undefined, when: new Date(0), id: context.awsRequestId, left: context.getRemainingTimeInMillis() > 4000,
    })`);
    const { ok, payload, requestId } = await runner.invoke('{"a":[1,"é"]}');
    expect(ok).toBe(true);
    expect(JSON.parse(payload)).toEqual({
      ...{ event: { a: [1, 'é'] }, when: '1970-01-01T00:00:00.000Z', id: requestId, left: true },
    });
  });

  it('answers null for nothing', async () => {
    expect((await functionOf('export const handler = async () => {}').invoke('{}')).payload).toBe('null');
  });

  it('does not start without a variable that it demands at load, and says why each time', async () => {
    const code = `if (!process.env.NEEDED) throw new Error('NEEDED is missing'); export const handler = () => 'ok'`;
    const runner = functionOf(code);
    for (let i = 0; i < 2; i++) {
      const { ok, payload } = await runner.invoke('{}');
      expect([ok, errorOf(payload).errorMessage]).toEqual([false, 'NEEDED is missing']);
    }
    expect((await functionOf(code, 5000, { NEEDED: '1' }).invoke('{}')).ok).toBe(true);
  });

  it('finds no package that is not in its bundle', async () => {
    const { ok, payload } = await functionOf(
      `import { z } from '${join(import.meta.dirname, '../../../../node_modules/zod/index.js')}'; export const handler = () => z`,
    ).invoke('{}');
    expect(ok).toBe(false);
    expect(errorOf(payload).errorMessage).toContain('it is not in the bundle of fn');
  });

  it('runs several invocations at once', async () => {
    const runner = functionOf(`
      let open; const gate = new Promise((resolve) => { open = resolve; });
      export const handler = async ({ opens }) => { if (opens) open(); await gate; return 'through'; }
    `);
    const first = runner.invoke('{}');
    expect((await runner.invoke('{"opens":true}')).payload).toBe('"through"');
    expect((await first).payload).toBe('"through"');
  });

  it('fails what is in flight when it dies, and lives again', async () => {
    const runner = functionOf(`
      export const handler = async ({ how }) => {
        if (how === 'rejects') { Promise.reject(new Error('nobody looked')); await new Promise(() => {}); }
        if (how === 'exits') process.exit(7);
        if (how === 'waits') await new Promise(() => {});
        return 'alive';
      }
    `);
    for (const [how, message] of [
      ['rejects', 'nobody looked'],
      ['exits', 'status 7'],
    ]) {
      const others = runner.invoke('{"how":"waits"}');
      const { ok, payload } = await runner.invoke(JSON.stringify({ how }));
      expect([ok, errorOf(payload).errorMessage]).toEqual([
        false,
        expect.stringContaining(message as string),
      ]);
      expect((await others).ok).toBe(false);
      expect((await runner.invoke('{}')).payload).toBe('"alive"');
    }
    expect(runner.statistics()).toMatchObject({ count: 6, errors: 4 });
  });

  it('has its full time after it is loaded, and no more', async () => {
    const runner = functionOf(
      `await new Promise((resolve) => setTimeout(resolve, 400));
       export const handler = async ({ ms }) => { await new Promise((resolve) => setTimeout(resolve, ms)); return 'done'; }`,
      300,
    );
    expect((await runner.invoke('{"ms":100}')).payload).toBe('"done"');
    const { ok, payload } = await runner.invoke('{"ms":60000}');
    expect([ok, errorOf(payload).errorType]).toEqual([false, 'Sandbox.Timedout']);
  });

  it('fails on an answer of more than 6 MB, as Lambda does', async () => {
    const runner = functionOf(`export const handler = ({ length }) => 'é'.repeat(length)`);
    expect((await runner.invoke('{"length":3000000}')).ok).toBe(true);
    const { ok, payload } = await runner.invoke('{"length":3200000}');
    expect([ok, errorOf(payload).errorType]).toEqual([false, 'Function.ResponseSizeTooLarge']);
  });

  it('passes on what it prints: structured lines as they are, others with its name', async () => {
    const runner = functionOf(
      `export const handler = () => { console.log('plain'); console.error('{"level":"INFO"}'); }`,
    );
    await runner.invoke('{}');
    await vi.waitFor(() => expect([...log].sort()).toEqual(['fn: plain', '{"level":"INFO"}']));
  });
});
