import {
  Agent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import { pipeline } from 'node:stream/promises';
import { authorization } from '../services.ts';

/** The server behind: it keeps the objects, and takes every call. */
export interface Upstream {
  /** Sends the request on as it comes in, and its answer as it comes back. `extra` are headers of an answer that is no error. */
  stream(incoming: IncomingMessage, outgoing: ServerResponse, extra: Record<string, string>): Promise<void>;
  /** Sends a request whose body is known, and waits for the whole answer. */
  send(method: string, url: string, headers: IncomingHttpHeaders, body: Buffer): Promise<UpstreamAnswer>;
  /** The entity tag of an object, undefined where there is none. */
  etagOf(path: string): Promise<string | undefined>;
  close(): void;
}

export interface UpstreamAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export function connectUpstream(base: string): Upstream {
  const { hostname, port } = new URL(base);
  const agent = new Agent({ keepAlive: true, maxSockets: 128 });
  const open = (method: string, path: string, headers: IncomingHttpHeaders) =>
    request({ agent, host: hostname, port, method, path, headers });

  async function send(method: string, url: string, headers: IncomingHttpHeaders, body: Buffer) {
    const length = body.length > 0 || method !== 'GET' ? { 'content-length': String(body.length) } : {};
    const sent = open(method, url, { ...passedOn(headers), ...length });
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      sent.on('error', reject).on('response', resolve).end(body);
    });
    const chunks: Buffer[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer);
    return { status: answer.statusCode ?? 500, headers: answer.headers, body: Buffer.concat(chunks) };
  }

  return {
    send,
    async stream(incoming, outgoing, extra) {
      const sent = open(incoming.method ?? 'GET', incoming.url ?? '/', passedOn(incoming.headers));
      const answered = new Promise<IncomingMessage>((resolve, reject) => {
        sent.on('error', reject).on('response', resolve);
      });
      // An answer may come before the body has gone: it counts, not the broken pipe.
      const sending = pipeline(incoming, sent).catch(() => {});
      const answer = await answered;
      const status = answer.statusCode ?? 500;
      outgoing.writeHead(status, { ...withoutHop(answer.headers), ...(status < 300 && extra) });
      await pipeline(answer, outgoing);
      await sending;
    },
    async etagOf(path) {
      const headers = { authorization: authorization('s3') };
      const answer = await send('HEAD', path, headers, Buffer.alloc(0));
      if (answer.status === 404) return undefined;
      if (answer.status >= 300) throw new Error(`HEAD ${path}: ${answer.status}`);
      return answer.headers.etag ?? '';
    },
    close: () => agent.destroy(),
  };
}

/** Without a type the server behind does not take a body. */
function passedOn({ host: _, expect: __, ...headers }: IncomingHttpHeaders): IncomingHttpHeaders {
  return { 'content-type': 'application/octet-stream', ...withoutHop(headers) };
}

function withoutHop(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { connection: _, 'keep-alive': __, ...rest } = headers;
  return rest;
}
