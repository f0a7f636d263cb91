import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { JWK } from 'oidc-provider';
import { CannotStart } from '../cannot-start.ts';

export interface Secrets {
  signingKey: JWK;
  cookieKey: string;
}

/** The issuer's secrets, made once and kept in the data folder: a token stays valid after a restart. */
export function readSecrets(dataDir: string): Secrets {
  const file = join(dataDir, 'identity', 'secrets.json');
  if (!existsSync(file)) writeSecrets(file, newSecrets());
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    throw new CannotStart(`${file} can not be read: remove it, and everybody gets new tokens.`);
  }
}

function newSecrets(): Secrets {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = randomBytes(8).toString('hex');
  return {
    signingKey: { ...(privateKey.export({ format: 'jwk' }) as JWK), kid, alg: 'RS256', use: 'sig' },
    cookieKey: randomBytes(32).toString('hex'),
  };
}

function writeSecrets(file: string, secrets: Secrets): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(secrets), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
