import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** Whether nothing on this machine listens on the port, on loopback or on all addresses. */
export async function isFree(port: number): Promise<boolean> {
  return (await canListen(port, '127.0.0.1')) && (await canListen(port));
}

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function canListen(port: number, host?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().on('error', () => resolve(false));
    server.listen({ port, ...(host && { host }), exclusive: true }, () => server.close(() => resolve(true)));
  });
}

export interface Ports {
  issuer: number;
  dynamodb: number;
  queues: number;
}

/**
 * Ports beside the main one: the next three where they are free, others where not. The issuer keeps the one it had
 * in this data folder, since every token names it.
 */
export async function choosePorts(dataDir: string, main: number): Promise<Ports> {
  const preferred = main === 0 ? [0, 0, 0] : [main + 1, main + 2, main + 3];
  const issuer = await firstFree(rememberedIssuer(dataDir), preferred[0]);
  const dynamodb = await firstFree(preferred[1]);
  const queues = await firstFree(preferred[2]);
  writeFileSync(issuerFile(dataDir), String(issuer));
  return { issuer, dynamodb, queues };
}

async function firstFree(...candidates: (number | undefined)[]): Promise<number> {
  for (const port of candidates) if (port && (await isFree(port))) return port;
  return freePort();
}

function rememberedIssuer(dataDir: string): number | undefined {
  try {
    return Number(readFileSync(issuerFile(dataDir), 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

const issuerFile = (dataDir: string) => join(dataDir, 'issuer.port');
