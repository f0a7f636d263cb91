import { randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { FunctionDefinition } from './definition.ts';
import { forwardLines, type Log } from './output.ts';
import type { Answer, Fault, Invoke } from './protocol.ts';

/** What an invocation came to: the answer, or the error object of Lambda, both as JSON. */
export interface Outcome {
  ok: boolean;
  payload: string;
  requestId: string;
}

export interface FunctionRunner {
  definition: FunctionDefinition;
  /** Runs the handler once with an event given as JSON. Never rejects: a failure is an outcome. */
  invoke(event: string): Promise<Outcome>;
  /** Loads the bundle before the first invocation; resolves when it is loaded, or could not be. */
  prewarm(): Promise<void>;
  /** Makes calls of the function fail; for tests. */
  arm(fault: Fault): void;
  /** Ends the worker as a crash would: what is in flight fails, the next invocation starts another. */
  kill(): Promise<void>;
  statistics(): Statistics;
  stop(): Promise<void>;
}

export interface Statistics {
  count: number;
  errors: number;
  coldStartMs?: number;
}

interface Waiting {
  requestId: string;
  settle(outcome: Outcome): void;
  timer: NodeJS.Timeout;
}

/** One worker thread: the function's bundle, loaded once; any number of invocations in flight. */
interface Instance {
  worker: Worker;
  waiting: Map<number, Waiting>;
  /** An invocation overran its time: finishes what it has, takes nothing new. */
  retiring: boolean;
  writes: number;
  startedAt: number;
  /** Resolves when the handler is loaded, or never will be. */
  loading: PromiseWithResolvers<void>;
  loaded: boolean;
}

export interface RunnerOptions {
  log: Log;
  /** Called when the function has written items, so that the streams can be read at once. */
  onWrites: () => void;
}

/** Limit of a synchronous request and of its answer, in bytes. */
const payloadLimit = 6 * 1024 * 1024;
/** Loading may take this long before it counts against an invocation. */
const loadLimitMs = 10_000;

const entry = new URL('./worker.ts', import.meta.url);

export function makeRunner(definition: FunctionDefinition, options: RunnerOptions): FunctionRunner {
  const statistics: Statistics = { count: 0, errors: 0 };
  const running = new Set<Instance>();
  let current: Instance | undefined;
  let lastId = 0;

  function start(): Instance {
    const worker = new Worker(entry, {
      env: definition.environment,
      workerData: definition.start,
      name: definition.name,
      stdout: true,
      stderr: true,
      execArgv: [],
    });
    const waiting = new Map<number, Waiting>();
    const instance: Instance = {
      ...{ worker, waiting, retiring: false, writes: 0, loaded: false },
      startedAt: performance.now(),
      loading: Promise.withResolvers(),
    };
    running.add(instance);
    forwardLines(worker.stdout, definition.label, options.log);
    forwardLines(worker.stderr, definition.label, options.log);
    let reason: string | undefined;
    worker.on('message', (message: Answer) => receive(instance, message));
    worker.on('error', (error) => {
      reason = failure('Runtime.UnhandledError', error instanceof Error ? error.message : String(error));
    });
    worker.on('exit', (code) => {
      discard(instance, reason ?? failure('Runtime.ExitError', `the function exited with status ${code}`));
    });
    return instance;
  }

  function receive(instance: Instance, [id, ok, payload, writes]: Answer): void {
    if (id === -1) {
      loaded(instance, ok, payload);
      return;
    }
    if (isTooLarge(payload)) settle(instance, id, false, failure('Function.ResponseSizeTooLarge', tooLarge));
    else settle(instance, id, ok, payload);
    if (writes !== instance.writes) {
      instance.writes = writes;
      options.onWrites();
    }
    if (instance.retiring && instance.waiting.size === 0) void instance.worker.terminate();
  }

  function loaded(instance: Instance, ok: boolean, payload: string): void {
    if (ok) {
      statistics.coldStartMs ??= Math.round(performance.now() - instance.startedAt);
      instance.loaded = true;
      // The time to load is not the invocation's: its clock starts again.
      for (const { timer } of instance.waiting.values()) timer.refresh();
      instance.loading.resolve();
      return;
    }
    options.log(`${definition.label}: did not start: ${payload}`);
    discard(instance, payload);
    void instance.worker.terminate();
  }

  function settle(instance: Instance, id: number, ok: boolean, payload: string): void {
    const waiting = instance.waiting.get(id);
    if (!waiting) return;
    instance.waiting.delete(id);
    clearTimeout(waiting.timer);
    if (!ok) {
      statistics.errors++;
      options.log(`${definition.label}: ${payload}`);
    }
    waiting.settle({ ok, payload, requestId: waiting.requestId });
  }

  /** The worker is gone or useless: what waits for it fails, and the next invocation starts another. */
  function discard(instance: Instance, payload: string): void {
    if (current === instance) current = undefined;
    running.delete(instance);
    instance.loading.resolve();
    for (const id of [...instance.waiting.keys()]) settle(instance, id, false, payload);
  }

  function timeOut(instance: Instance, id: number): void {
    if (!instance.loaded && performance.now() - instance.startedAt < loadLimitMs) {
      instance.waiting.get(id)?.timer.refresh();
      return;
    }
    // Others may be in flight in the same worker: it is replaced now and ended when they have finished.
    instance.retiring = true;
    if (current === instance) current = undefined;
    const seconds = (definition.start.timeoutMs / 1000).toFixed(2);
    settle(instance, id, false, failure('Sandbox.Timedout', `Task timed out after ${seconds} seconds`));
    if (instance.waiting.size === 0) void instance.worker.terminate();
  }

  return {
    definition,
    invoke(event) {
      statistics.count++;
      if (isTooLarge(event)) {
        statistics.errors++;
        const payload = failure('RequestTooLargeException', tooLarge);
        return Promise.resolve({ ok: false, payload, requestId: randomUUID() });
      }
      current ??= start();
      const instance = current;
      const id = ++lastId;
      const requestId = randomUUID();
      return new Promise((resolve) => {
        const timer = setTimeout(timeOut, definition.start.timeoutMs, instance, id);
        instance.waiting.set(id, { requestId, settle: resolve, timer });
        instance.worker.postMessage([id, requestId, event] satisfies Invoke);
      });
    },
    prewarm() {
      current ??= start();
      return current.loading.promise;
    },
    arm(fault) {
      current ??= start();
      current.worker.postMessage(fault);
    },
    async kill() {
      await current?.worker.terminate();
    },
    statistics: () => ({ ...statistics }),
    async stop() {
      await Promise.all([...running].map(({ worker }) => worker.terminate()));
    },
  };
}

const tooLarge = `a payload of a function holds at most ${payloadLimit} bytes`;

function isTooLarge(payload: string): boolean {
  // A character takes at most three bytes in UTF-8.
  return payload.length * 3 > payloadLimit && Buffer.byteLength(payload) > payloadLimit;
}

function failure(errorType: string, errorMessage: string): string {
  return JSON.stringify({ errorType, errorMessage, trace: [] });
}
