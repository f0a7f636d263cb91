import { randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** Whether nothing on this machine listens on the port, on loopback or on all addresses. */
export async function isFree(port: number): Promise<boolean> {
  return (await canListen(port, '127.0.0.1')) && (await canListen(port));
}

/**
 * Below the range that systems lend to outgoing connections (Linux 32768, macOS 49152): from there, any connection
 * could take a port between our look at it and its use, or while the system is restarted.
 */
const [LOWEST, BEYOND] = [12_000, 32_000];

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const port = randomInt(LOWEST, BEYOND);
  return (await isFree(port)) ? port : freePort();
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
