import type { Statement } from '../grants/policy.ts';

/** What a function's worker is told when it starts. */
export interface WorkerStart {
  functionName: string;
  label: string;
  functionArn: string;
  memory: number;
  timeoutMs: number;
  /** Folder of the bundle, and the file in it that holds the handler. */
  root: string;
  file: string;
  exportName: string;
  statements: Statement[];
  /** `host:port` of each local service. */
  services: string[];
  region: string;
  account: string;
}

/** Host → worker: id, request id, the event as JSON. */
export type Invoke = [id: number, requestId: string, event: string];

/** Host → worker: the next calls of an operation go to another port and path, which answers with an error. */
export interface Fault {
  target: string;
  times: number;
  port: number;
  path: string;
}

/**
 * Worker → host: id, whether the handler answered, its answer (or the error object) as JSON, how many
 * calls that write items the worker has made since it started. The id -1 says that the handler is loaded, or why not.
 */
export type Answer = [id: number, ok: boolean, payload: string, writes: number];
