import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  /** The `webhook-id` header. */
  id: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Receiver {
  /** `http://127.0.0.1:<port>`, without a path. */
  url: string;
  /** Every request that came, in order. */
  received: Received[];
  /** Answers a request that was read whole; 204 unless it is set. */
  answer: (response: ServerResponse, request: Received) => unknown;
  stop(): Promise<void>;
}

/** A webhook endpoint on loopback. */
export async function startReceiver(): Promise<Receiver> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { headers, url: path = '' } = request;
    const one = { id: String(headers['webhook-id']), path, headers, body: Buffer.concat(chunks).toString() };
    receiver.received.push(one);
    receiver.answer(response, one);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: [],
    answer: (response) => response.writeHead(204).end(),
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
  return receiver;
}
