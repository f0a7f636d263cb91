import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Questions } from './system-process.ts';

/** A running system, in processes of its own. */
export interface BenchSystem {
  url: string;
  dynamodb: string;
  ask<Question extends keyof Questions>(question: Question, argument?: string): Promise<Questions[Question]>;
  /** Waits until nothing is on its way to the consumers; answers the milliseconds that it took. */
  caughtUp(): Promise<number>;
  stop(): Promise<void>;
}

interface Answered {
  id: number;
  answer?: unknown;
  error?: string;
}

/** Starts the whole system on a fresh folder. */
export async function startBenchSystem({ sample = true } = {}): Promise<BenchSystem> {
  const dataDir = mkdtempSync(join(tmpdir(), 'followthrough-bench-'));
  const child = fork(join(import.meta.dirname, 'system-process.ts'), [dataDir, sample ? 'sample' : 'empty'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  const expect = (id: number): Promise<unknown> => {
    const pending = Promise.withResolvers<unknown>();
    waiting.set(id, pending);
    return pending.promise;
  };
  child.on('message', ({ id, answer, error }: Answered) => {
    const pending = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) pending?.resolve(answer);
    else pending?.reject(new Error(error));
  });
  const ended = endOf(child);
  void ended.then((how) => {
    for (const { reject } of waiting.values()) reject(new Error(`the system ended with ${how}`));
  });
  const ask: BenchSystem['ask'] = async (question, argument) => {
    const id = ++lastId;
    const answer = expect(id);
    child.send({ id, ask: question, ...(argument !== undefined && { argument }) });
    return (await answer) as never;
  };

  await expect(0);
  return {
    ...(await ask('address')),
    ask,
    async caughtUp() {
      const began = performance.now();
      // Between a queue and the next nothing waits for a moment: it has to be empty twice.
      for (let empty = 0; empty < 2; await wait(50)) empty = (await ask('backlog')) === 0 ? empty + 1 : 0;
      return performance.now() - began;
    },
    async stop() {
      await ask('stop').catch(() => {});
      await ended;
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const endOf = (child: ChildProcess): Promise<number | string | null> =>
  new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));
