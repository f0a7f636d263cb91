import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { webhookClient } from '../../../functions/notifications/client.ts';
import { type Receiver, startReceiver } from '../../kit/receiver.ts';

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.stop());

const local = webhookClient({ allowLoopback: true });
const hello = (url: string) => ({
  url,
  headers: { 'content-type': 'application/cloudevents+json' },
  body: '{"ä":1}',
});

describe('a POST', () => {
  it('carries body and headers as they are, and brings status and answer', async () => {
    receiver.answer = (response) => response.writeHead(202, { 'retry-after': '7' }).end('thank you');
    expect(await local(hello(`${receiver.url}/hook?a=1`))).toEqual({
      response: { status: 202, body: 'thank you', truncated: false },
      retryAfter: '7',
      error: null,
      timedOut: false,
    });
    expect(receiver.received).toMatchObject([
      { path: '/hook?a=1', body: '{"ä":1}', headers: { 'content-type': 'application/cloudevents+json' } },
    ]);
  });

  it('does not follow a redirect', async () => {
    receiver.answer = (response) => response.writeHead(307, { location: `${receiver.url}/other` }).end();
    expect(await local(hello(`${receiver.url}/hook`))).toMatchObject({ response: { status: 307 } });
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook']);
  });

  it('keeps the first 64 KB of an answer that never ends', async () => {
    receiver.answer = (response) => {
      response.writeHead(200);
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
      };
      response.on('drain', pour);
      pour();
    };
    const { response } = await local(hello(receiver.url));
    expect(response).toMatchObject({ status: 200, truncated: true });
    expect(response?.body.length).toBe(64 * 1024);
  });

  it('gives up on an endpoint that never answers, after the whole time', async () => {
    receiver.answer = () => {};
    const impatient = webhookClient({ allowLoopback: true, timeoutMs: 150 });
    expect(await impatient(hello(receiver.url))).toEqual({
      response: null,
      retryAfter: undefined,
      error: 'no answer within 0.15 s',
      timedOut: true,
    });
  });

  it('counts the status of an answer whose body hangs, and waits for no more than the whole time', async () => {
    receiver.answer = (response) => void response.writeHead(200).write('half');
    const impatient = webhookClient({ allowLoopback: true, timeoutMs: 150 });
    expect((await impatient(hello(receiver.url))).response).toEqual({
      status: 200,
      body: 'half',
      truncated: true,
    });
  });

  it('names what the network said', async () => {
    await receiver.stop();
    expect((await local(hello(receiver.url))).error).toMatch(/ECONNREFUSED/);
    receiver = await startReceiver();
    const garbage = createServer((socket) => void socket.end('SSH-2.0-x\r\n'));
    await new Promise<void>((listening) => garbage.listen(0, '127.0.0.1', listening));
    const { port } = garbage.address() as AddressInfo;
    expect(await local(hello(`http://127.0.0.1:${port}/`))).toMatchObject({
      response: null,
      error: expect.any(String),
    });
    garbage.close();
    const upgrading = createServer((socket) => {
      socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    });
    await new Promise<void>((listening) => upgrading.listen(0, '127.0.0.1', listening));
    const upgraded = await local(hello(`http://127.0.0.1:${(upgrading.address() as AddressInfo).port}/`));
    expect(upgraded).toMatchObject({ response: null, error: expect.any(String) });
    upgrading.close();
  });
});

describe('the way out', () => {
  const post = async (url: string, addresses: string[], allowLoopback = false) => {
    const asked: string[] = [];
    const client = webhookClient({
      allowLoopback,
      timeoutMs: 2000,
      resolve: async (host) => {
        asked.push(host);
        return addresses;
      },
    });
    return { outcome: await client(hello(url)), asked };
  };

  it.each([
    ['10.0.0.1'],
    ['127.0.0.1'],
    ['169.254.169.254'],
    ['::1'],
    ['::ffff:127.0.0.1'],
    ['fd00:ec2::254'],
    ['64:ff9b::7f00:1'],
    ['fec0::1'],
  ])('is closed to a name that resolves to %s', async (address) => {
    const { outcome } = await post('https://hook.example.org/', [address]);
    expect(outcome.error).toBe('not sent: hook.example.org is not on the public internet');
  });

  it('speaks TLS to https, and names the host it means', async () => {
    const heard: Buffer[] = [];
    const server = createServer((socket) => {
      socket.once('data', (data) => {
        heard.push(data);
        socket.destroy();
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const { outcome } = await post(`https://hook.example.org:${port}/secret-path`, ['127.0.0.1'], true);
    expect(outcome).toMatchObject({ response: null, error: expect.any(String) });
    // A ClientHello (handshake record), with the name in the clear and nothing of the request.
    expect(heard[0]?.[0]).toBe(0x16);
    expect(heard[0]?.toString('latin1')).toContain('hook.example.org');
    expect(heard[0]?.toString('latin1')).not.toContain('secret-path');
    server.close();
  });

  it('is closed where one of several addresses is private', async () => {
    const { outcome } = await post('https://hook.example.org/', ['93.184.216.34', '10.0.0.1']);
    expect(outcome.error).toMatch(/not on the public internet/);
  });

  it('is closed to literal addresses, which no resolver ever sees', async () => {
    const url = receiver.url.replace('http:', 'https:');
    const { outcome, asked } = await post(url, []);
    expect(outcome.error).toMatch(/^not sent: /);
    expect(asked).toEqual([]);
    expect(receiver.received).toEqual([]);
  });

  it('is closed to a name without an address', async () => {
    expect((await post('https://hook.example.org/', [])).outcome.error).toMatch(/has no address/);
  });

  it('goes to the address that was vetted: a name that changes afterwards gains nothing', async () => {
    const { port } = new URL(receiver.url);
    const answers = [['127.0.0.1'], ['10.0.0.1']];
    let asked = 0;
    const client = webhookClient({ allowLoopback: true, resolve: async () => answers[asked++] ?? [] });
    const url = `http://rebinding.localhost:${port}/`;
    expect((await client(hello(url))).response?.status).toBe(204);
    expect(asked).toBe(1);
    // The next attempt resolves and vets anew, on a connection of its own.
    expect((await client(hello(url))).error).toMatch(/not on the public internet/);
    expect(asked).toBe(2);
    expect(receiver.received).toHaveLength(1);
  });
});
