import http, { ClientRequest, type RequestOptions } from 'node:http';
import https from 'node:https';
import { syncBuiltinESMExports } from 'node:module';
import { type Need, needsOfTarget, writesItems } from '../grants/needs.ts';
import { makePolicy } from '../grants/policy.ts';
import { needsOfS3 } from '../grants/s3-needs.ts';
import type { Fault, WorkerStart } from './protocol.ts';

export interface Guard {
  /** How many calls that write items were let through. */
  writes(): number;
  arm(fault: Fault): void;
}

/** A call that waits for its body; the grants it needs are read from there. */
interface Pending {
  target: string;
  chunks: Buffer[] | undefined;
}

const end = ClientRequest.prototype.end as (this: ClientRequest, chunk: unknown) => ClientRequest;
const pending = new WeakMap<ClientRequest, Pending>();

/**
 * Stands between the SDK and the network inside a worker: each call to a local service is refused with
 * `AccessDeniedException` unless the statements of the function's role grant it. The SDK is untouched: it
 * imports `node:http` when it makes its first call, after this.
 */
export function guardCalls(start: WorkerStart): Guard {
  const policy = makePolicy(start.statements);
  const services = new Set(start.services);
  const faults: Fault[] = [];
  let writes = 0;

  function check(needs: Need[]): Error | undefined {
    for (const need of needs) {
      if (!policy.allows(need.action, need.resource)) return denied(start.label, need);
    }
    return undefined;
  }

  function begin(request: ClientRequest, options: RequestOptions): ClientRequest {
    const host = options.host ?? options.hostname ?? '';
    if (!services.has(`${host}:${options.port}`)) {
      if (host.endsWith('.amazonaws.com')) request.destroy(new Error(`${host} has no local counterpart`));
      return request;
    }
    const target = targetOf(options);
    // Queues and objects may share a port; only the JSON protocols name their operation in a header.
    if (target === undefined) {
      const headers = lowerCase(options.headers);
      const refusal = attempt(() => check(needsOfS3(options.method ?? 'GET', options.path ?? '/', headers)));
      if (refusal) request.destroy(refusal);
      return request;
    }
    pending.set(request, { target, chunks: undefined });
    request.write = checkedWrite;
    request.end = checkedEnd;
    return request;
  }

  function checkedWrite(this: ClientRequest, chunk: unknown): boolean {
    const call = pending.get(this);
    if (call) call.chunks = [...(call.chunks ?? []), toBuffer(chunk)];
    return true;
  }

  function checkedEnd(this: ClientRequest, chunk?: unknown): ClientRequest {
    const call = pending.get(this);
    const given = chunk === undefined || typeof chunk === 'function' ? '' : chunk;
    if (!call) return end.call(this, given);
    pending.delete(this);
    const body = call.chunks ? Buffer.concat([...call.chunks, toBuffer(given)]) : given;
    const refusal = attempt(() => check(needsOfTarget(call.target, JSON.parse(String(body)), start)));
    if (refusal) return this.destroy(refusal);
    if (writesItems(call.target)) writes++;
    return end.call(this, body);
  }

  /** The options of a call that is to fail: it goes elsewhere. */
  function diverted(options: RequestOptions): RequestOptions {
    const target = targetOf(options);
    const fault = faults.find((armed) => armed.target === target && armed.times > 0);
    if (!fault) return options;
    fault.times--;
    return { ...options, port: fault.port, path: fault.path };
  }

  const divert = (options: RequestOptions) => (faults.length === 0 ? options : diverted(options));
  for (const module of [http, https]) wrapRequest(module, begin, divert);
  syncBuiltinESMExports();
  return { writes: () => writes, arm: (fault) => void faults.push(fault) };
}

type Begin = (request: ClientRequest, options: RequestOptions) => ClientRequest;

type Divert = (options: RequestOptions) => RequestOptions;

function wrapRequest(module: typeof http | typeof https, begin: Begin, divert: Divert): void {
  const original = module.request as (...given: unknown[]) => ClientRequest;
  const wrapped = (...given: unknown[]) => {
    const [first, ...others] = given;
    // The SDK gives its options as one object.
    if (typeof first === 'string' || first instanceof URL) return begin(original(...given), optionsOf(given));
    const options = first as RequestOptions;
    return begin(original(divert(options), ...others), options);
  };
  Object.assign(module, {
    request: wrapped,
    get: (...given: unknown[]) => wrapped(...given).end(),
  });
}

/** Of `request(url)` and `request(url, options)`. */
function optionsOf([first, second]: unknown[]): RequestOptions {
  const { hostname, port, pathname, search } = new URL(String(first));
  const more = typeof second === 'object' ? (second as RequestOptions) : {};
  return { host: hostname, port, path: pathname + search, ...more };
}

/** `x-amz-target` of a call in one of the JSON protocols. The SDK writes the name in lower case. */
function targetOf({ headers }: RequestOptions): string | undefined {
  const quick = (headers as Record<string, unknown> | undefined)?.['x-amz-target'];
  const target = quick ?? lowerCase(headers)['x-amz-target'];
  return target === undefined ? undefined : String(target);
}

function lowerCase(headers: RequestOptions['headers']): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const name in headers as Record<string, unknown>) {
    found[name.toLowerCase()] = (headers as Record<string, unknown>)[name];
  }
  return found;
}

function attempt(check: () => Error | undefined): Error | undefined {
  try {
    return check();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function denied(functionName: string, { action, resource }: Need): Error {
  const error = new Error(`${functionName} is not authorized to perform ${action} on ${resource}`);
  error.name = 'AccessDeniedException';
  return error;
}

function toBuffer(chunk: unknown): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk as Uint8Array);
}
