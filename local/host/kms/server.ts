import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Caller, CallerOf } from '../grants/caller.ts';
import type { Json } from '../services.ts';
import { answerKms, KmsError } from './calls.ts';
import type { Keys } from './keys.ts';

export interface Kms {
  url: string;
  close(): Promise<void>;
}

/** Serves the keys in the JSON protocol of KMS, on loopback. `callerOf` knows functions by their session token. */
export async function startKms(keys: Keys, callerOf: CallerOf): Promise<Kms> {
  const server = createServer({ keepAlive: true, keepAliveTimeout: 60_000 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const operation = String(request.headers['x-amz-target']).replace(/^TrentService\./, '');
      const caller = callerOf(String(request.headers['x-amz-security-token'] ?? ''));
      const [status, body] = answer(keys, operation, Buffer.concat(chunks).toString('utf8'), caller);
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function answer(keys: Keys, operation: string, body: string, caller: Caller | undefined): [number, Json] {
  try {
    return [200, answerKms(keys, operation, JSON.parse(body || '{}') as Json, caller)];
  } catch (error) {
    if (error instanceof KmsError) return [400, { __type: error.code, message: error.message }];
    return [500, { __type: 'KMSInternalException', message: String(error) }];
  }
}
