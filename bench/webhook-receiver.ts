import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A real endpoint on loopback that takes everything, and tells the id of each event when it first came. */
export async function startReceiver(
  received: (eventId: string) => void,
): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(204).end();
      received(String(request.headers['webhook-id']));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
}
