import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Access, type AccessOptions, makeAccess } from './access.ts';
import { type Call, readCall } from './call.ts';
import { errorXml, notImplemented, ObjectError } from './errors.ts';
import { type Locks, openLocks } from './locks.ts';
import { type BucketLock, retentionOf } from './retention.ts';
import { connectUpstream, type UpstreamAnswer } from './upstream.ts';
import { makeWrites } from './writes.ts';

export interface ObjectFront {
  url: string;
  close(): Promise<void>;
}

export interface ObjectFrontOptions extends AccessOptions {
  /** Base URL of the S3 that keeps the objects. */
  upstream: string;
  /** SQLite file of the retentions. */
  locksFile: string;
  buckets: Map<string, BucketLock>;
  /** Milliseconds since 1970. */
  now(): number;
  log(line: string): void;
}

/** The server behind takes bodies of 11 MiB (fauxqs 2.4.1); larger objects are uploaded in parts. */
const longestBody = 11 * 1024 * 1024;

/**
 * The object store that functions and signed links reach: it enforces what the server behind does not know (conditional
 * writes, Object Lock, bucket policies, signed links that expire) and hands everything else through.
 */
export async function startObjectFront(options: ObjectFrontOptions): Promise<ObjectFront> {
  const upstream = connectUpstream(options.upstream);
  const locks = openLocks(options.locksFile);
  const { buckets, now } = options;
  const access = makeAccess(options);
  const writes = makeWrites({ upstream, locks, buckets, now });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = readCall(request);
    const lock = buckets.get(call.bucket);
    access.check(call, request, retentionIn(call, lock, now()), now());
    switch (call.operation) {
      case 'pass':
      case 'list':
        return upstream.stream(request, response, {});
      case 'read':
        return upstream.stream(request, response, { ...lockHeaders(locks, call), ...overrides(call) });
      case 'start-upload':
        if (call.header('x-amz-object-lock-mode'))
          throw notImplemented('the retention of a single upload in parts');
        return upstream.stream(request, response, {});
      case 'part':
        return upstream.stream(request, response, {});
      case 'delete':
        return send(response, await writes.remove(call, request.headers));
      case 'get-retention':
        return send(response, writes.getRetention(call));
      case 'put':
      case 'complete-upload':
        return send(response, await writes.create(call, request.headers, await readBody(request)));
      case 'delete-many': {
        const isDenied = deniedKey(access, call);
        return send(response, await writes.removeMany(call, await readBody(request), isDenied));
      }
      case 'put-retention':
        return send(response, await writes.putRetention(call, await readBody(request)));
    }
  }

  const server = createServer({ keepAlive: true, keepAliveTimeout: 60_000 }, (request, response) => {
    answer(request, response).catch((error: unknown) => fail(request, response, error));
  });

  function fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    if (response.headersSent) return void response.destroy();
    const known = error instanceof ObjectError ? error : undefined;
    if (!known) options.log(`objects: ${request.method} ${request.url}: ${String(error)}`);
    const told =
      known ?? new ObjectError(500, 'InternalError', 'We encountered an internal error. Please try again.');
    const body = Buffer.from(errorXml(told, (request.url ?? '/').split('?', 1)[0] ?? '/'));
    // What still comes in is read, or the client would see a broken connection.
    request.resume();
    send(
      response,
      { status: told.status, headers: { 'content-type': 'application/xml' }, body },
      request.method,
    );
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      upstream.close();
      locks.close();
    },
  };
}

function send(response: ServerResponse, { status, headers, body }: UpstreamAnswer, method?: string): void {
  const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...kept } = headers;
  response.writeHead(status, { ...kept, ...(status !== 204 && { 'content-length': body.length }) });
  response.end(method === 'HEAD' ? undefined : body);
}

/** The retention that a write would get, for policies that ask for it. */
function retentionIn(call: Call, lock: BucketLock | undefined, now: number) {
  const writes = call.operation === 'put' || call.operation === 'complete-upload';
  return writes ? retentionOf(call, lock, now) : undefined;
}

function deniedKey(access: Access, call: Call): (key: string) => boolean {
  const action = 's3:DeleteObject';
  return (key) => access.denies(call, { action, resource: `arn:aws:s3:::${call.bucket}/${key}` });
}

function lockHeaders(locks: Locks, { bucket, key }: Call): Record<string, string> {
  const held = locks.of(bucket, key);
  if (!held) return {};
  return {
    'x-amz-object-lock-mode': held.mode,
    'x-amz-object-lock-retain-until-date': new Date(held.until).toISOString(),
  };
}

/** Headers that a link sets for its answer. Source: "GetObject" of the S3 API reference. */
function overrides({ query }: Call): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of query) {
    if (/^response-(content-(type|language|disposition|encoding)|cache-control|expires)$/.test(name)) {
      found[name.slice('response-'.length)] = value;
    }
  }
  return found;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size <= longestBody) chunks.push(chunk as Buffer);
  }
  if (size > longestBody) {
    throw new ObjectError(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size');
  }
  return Buffer.concat(chunks);
}
