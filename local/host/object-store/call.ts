import type { IncomingMessage } from 'node:http';
import { type Need, UnknownCall } from '../grants/needs.ts';
import { needsOfS3 } from '../grants/s3-needs.ts';
import { notImplemented, ObjectError } from './errors.ts';

/** What a request asks for; `pass` goes to the server behind as it is. */
export type Operation =
  | 'pass'
  | 'list'
  | 'read'
  | 'put'
  | 'part'
  | 'start-upload'
  | 'complete-upload'
  | 'delete'
  | 'delete-many'
  | 'get-retention'
  | 'put-retention';

export interface Call {
  operation: Operation;
  method: string;
  /** Path and query as they came. */
  url: string;
  bucket: string;
  /** Decoded; empty for a call on the bucket. */
  key: string;
  query: URLSearchParams;
  needs: Need[];
  /** A header, or the query parameter that a signed link carries in its place. Names in lower case. */
  header(name: string): string | undefined;
}

/** Reads a path-style request. Throws `ObjectError` for what the store does not know: passing it on would harm objects. */
export function readCall(request: IncomingMessage): Call {
  const { method = 'GET', url = '/' } = request;
  const [path = '', search = ''] = url.split('?', 2);
  const query = new URLSearchParams(search);
  const [bucket = '', ...rest] = path.slice(1).split('/');
  const key = rest.map(decoded).join('/');
  for (const name of query.keys()) if (!isKnown(name)) throw notImplemented(`the parameter ${name}`);
  const operation = operationOf(method, key, query);
  if (bucket === '' && method !== 'GET') throw notImplemented(`${method} on no bucket`);
  return {
    ...{ operation, method, url, bucket, key, query },
    needs: needsOf(method, url, request),
    header(name) {
      const found = request.headers[name] ?? queryHeader(query, name);
      return Array.isArray(found) ? found.join(',') : found;
    },
  };
}

const known = new Set([
  ...['list-type', 'prefix', 'delimiter', 'max-keys', 'start-after', 'continuation-token', 'fetch-owner'],
  ...['partNumber', 'uploadId', 'uploads', 'delete', 'attributes', 'retention', 'x-id'],
]);

const isKnown = (name: string) => known.has(name) || /^(x-amz-|response-)/i.test(name);

function operationOf(method: string, key: string, query: URLSearchParams): Operation {
  const isRead = method === 'GET' || method === 'HEAD';
  if (key === '') {
    if (isRead) return query.has('list-type') ? 'list' : 'pass';
    if (method === 'POST' && query.has('delete')) return 'delete-many';
    throw notImplemented(`${method} on a bucket: buckets are made by the template`);
  }
  if (query.has('retention')) {
    if (method === 'GET') return 'get-retention';
    if (method === 'PUT') return 'put-retention';
  }
  if (isRead) return query.has('uploadId') || query.has('uploads') ? unknownUploads() : 'read';
  if (method === 'PUT') return query.has('uploadId') ? 'part' : 'put';
  if (method === 'POST' && query.has('uploads')) return 'start-upload';
  if (method === 'POST' && query.has('uploadId')) return 'complete-upload';
  if (method === 'DELETE') return query.has('uploadId') ? 'pass' : 'delete';
  throw notImplemented(`${method} on an object`);
}

function unknownUploads(): never {
  throw notImplemented('lists of uploads and parts');
}

function needsOf(method: string, url: string, request: IncomingMessage): Need[] {
  try {
    return needsOfS3(method, url, request.headers);
  } catch (error) {
    if (error instanceof UnknownCall) throw notImplemented(error.message);
    throw error;
  }
}

function queryHeader(query: URLSearchParams, name: string): string | undefined {
  if (!name.startsWith('x-amz-')) return undefined;
  for (const [candidate, value] of query) if (candidate.toLowerCase() === name) return value;
  return undefined;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ObjectError(400, 'InvalidURI', "Couldn't parse the specified URI.");
  }
}
