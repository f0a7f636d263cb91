import { lookup as dnsLookup } from 'node:dns/promises';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { type AddressRules, addressProblem, mayConnect } from './address.ts';

export interface Post {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** What came of a POST: an answer, or why there is none. */
export interface Outcome {
  response: { status: number; body: string; truncated: boolean } | null;
  /** The answer's Retry-After header. */
  retryAfter: string | undefined;
  error: string | null;
  timedOut: boolean;
}

export type Client = (post: Post) => Promise<Outcome>;

/** All addresses of a name. */
export type Resolve = (host: string) => Promise<string[]>;

export interface ClientOptions extends AddressRules {
  resolve?: Resolve;
  /** For the whole exchange. */
  timeoutMs?: number;
  /** Bytes of the answer that are kept. */
  keep?: number;
}

const TIMEOUT_MS = 15_000;
const KEEP = 64 * 1024;

/**
 * Posts to addresses of the public internet only. A name is resolved once for each connection, every address it gives is vetted, and
 * the connection goes to one of those: a name that changes between check and connect gains nothing. Redirects are not followed.
 */
export function webhookClient(options: ClientOptions): Client {
  const { allowLoopback, timeoutMs = TIMEOUT_MS, keep = KEEP } = options;
  const rules = { allowLoopback };
  const lookup = vettingLookup(options.resolve ?? resolveName, rules);
  return async ({ url, headers, body }) => {
    // A literal address is never looked up, so it is vetted here.
    const problem = addressProblem(url, rules);
    if (problem) return unanswered(`not sent: the address ${problem}`);
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await send(new URL(url), headers, body, lookup, signal);
      const kept = await readSome(answer, keep);
      const retryAfter = answer.headers['retry-after'];
      return {
        response: { status: answer.statusCode ?? 0, ...kept },
        retryAfter,
        error: null,
        timedOut: false,
      };
    } catch (error) {
      if (signal.aborted) return { ...unanswered(`no answer within ${timeoutMs / 1000} s`), timedOut: true };
      return unanswered(reasonOf(error));
    }
  };
}

/** Node's own client follows no redirect. It resolves when the head of the answer has come. */
function send(
  url: URL,
  headers: Post['headers'],
  body: string,
  lookup: LookupFunction,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http;
    const sending = request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      lookup,
      signal,
      // A frozen function would find its kept connections dead: each attempt has a connection of its own.
      agent: false,
    });
    sending.on('response', resolve);
    sending.on('error', reject);
    // After an answer that upgrades to another protocol, or none at all.
    sending.on('close', () => reject(new Error('the connection was closed without an answer')));
    sending.end(body);
  });
}

const unanswered = (error: string): Outcome => ({
  response: null,
  retryAfter: undefined,
  error,
  timedOut: false,
});

class NotVetted extends Error {
  override name = 'NotVetted';
}

const resolveName: Resolve = async (host) =>
  (await dnsLookup(host, { all: true })).map(({ address }) => address);

/** Gives a connection the vetted addresses of a name. One that may not be connected to spoils them all. */
function vettingLookup(resolve: Resolve, rules: AddressRules): LookupFunction {
  return (host, { all }, done) => {
    resolve(host).then(
      (found) => {
        const addresses = found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
        const [one] = addresses;
        if (!one) done(new NotVetted(`${host} has no address`), '', 4);
        else if (!found.every((address) => mayConnect(address, rules)))
          done(new NotVetted(`not sent: ${host} is not on the public internet`), '', 4);
        else if (all) done(null, addresses);
        else done(null, one.address, one.family);
      },
      (error: NodeJS.ErrnoException) => done(error, '', 4),
    );
  };
}

/** The status has come: an answer that breaks off or never ends changes nothing about it. */
async function readSome(
  stream: AsyncIterable<Uint8Array>,
  keep: number,
): Promise<{ body: string; truncated: boolean }> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let truncated = false;
  try {
    for await (const chunk of stream) {
      chunks.push(chunk.subarray(0, keep - size));
      size += chunk.length;
      truncated = size > keep;
      // Leaving the loop destroys the stream and its connection.
      if (truncated) break;
    }
  } catch {
    truncated = true;
  }
  return { body: Buffer.concat(chunks).toString('utf8'), truncated };
}

/** What went wrong, in the words of the network; never a stack. */
function reasonOf(error: unknown): string {
  const { name, code, message, errors } = error as NodeJS.ErrnoException & { errors?: Error[] };
  if (name === 'NotVetted') return message;
  const inner = errors?.[0] as NodeJS.ErrnoException | undefined;
  return [inner?.code ?? code ?? name, inner?.message ?? message].filter(Boolean).join(': ');
}
