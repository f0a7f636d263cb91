import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { guardCalls } from './guard.ts';
import type { Answer, Fault, Invoke, WorkerStart } from './protocol.ts';

type Handler = (event: unknown, context: object) => unknown;

const start = workerData as WorkerStart;
const port = parentPort;
if (!port) throw new Error('this file is the inside of a worker');

confineImports(pathToFileURL(join(start.root, '/')).href);
const guard = guardCalls(start);
const handler = await load();
if (handler) {
  port.on('message', (message: Invoke | Fault) => {
    if (Array.isArray(message)) void answer(handler, message);
    else guard.arm(message);
  });
  post(-1, true, '');
}

async function load(): Promise<Handler | undefined> {
  try {
    const module = await import(pathToFileURL(join(start.root, start.file)).href);
    const found = module[start.exportName] ?? module.default?.[start.exportName];
    if (typeof found !== 'function') throw new Error(`${start.file} exports no function ${start.exportName}`);
    return found;
  } catch (error) {
    post(-1, false, describe(error));
    return undefined;
  }
}

async function answer(run: Handler, [id, requestId, event]: Invoke): Promise<void> {
  try {
    const result = await run(JSON.parse(event), makeContext(requestId));
    post(id, true, JSON.stringify(result) ?? 'null');
  } catch (error) {
    post(id, false, describe(error));
  }
}

function post(id: number, ok: boolean, payload: string): void {
  port?.postMessage([id, ok, payload, guard.writes()] satisfies Answer);
}

function makeContext(awsRequestId: string): object {
  const deadline = Date.now() + start.timeoutMs;
  return {
    awsRequestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: start.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: start.functionArn,
    memoryLimitInMB: String(start.memory),
    logGroupName: process.env['AWS_LAMBDA_LOG_GROUP_NAME'],
    logStreamName: process.env['AWS_LAMBDA_LOG_STREAM_NAME'],
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) {
    return JSON.stringify({ errorType: typeof error, errorMessage: String(error), trace: [] });
  }
  const trace = String(error.stack ?? '').split('\n');
  return JSON.stringify({ errorType: error.name, errorMessage: error.message, trace });
}

/**
 * On AWS a bundle finds its own files, Node's modules and the SDK of the runtime, nothing else; here a
 * `node_modules` further up would hide a missing dependency.
 */
function confineImports(root: string): void {
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const { url } = resolved;
      if (
        !url.startsWith('file:') ||
        url.startsWith(root) ||
        /\/node_modules\/@(aws-sdk|smithy)\//.test(url)
      ) {
        return resolved;
      }
      const message = `Cannot find package '${specifier}': it is not in the bundle of ${start.label}`;
      throw Object.assign(new Error(message), { code: 'ERR_MODULE_NOT_FOUND' });
    },
  });
}
