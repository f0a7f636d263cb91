import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cloud } from '../template/cloud.ts';
import { type KeyAccess, readKeyAccess } from './access.ts';

/** A key of the template that this machine can sign with. */
export interface SigningKey {
  keyId: string;
  arn: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
  allows: KeyAccess;
}

/** All keys of the template: those for signatures by id and ARN, and the ids and ARNs of the others. */
export interface Keys {
  find(idOrArn: string): SigningKey | 'other' | undefined;
}

const signingSpec = 'ECC_NIST_EDWARDS25519';

/**
 * Each Ed25519 key of the template has a PKCS#8 file in the folder, made at its first start and kept: whoever can read it
 * can sign, which on AWS nobody can.
 */
export function openKeys(cloud: Cloud, folder: string): Keys {
  const found = new Map<string, SigningKey | 'other'>();
  const aliases = cloud.resources('AWS::KMS::Alias').map((resource) => ({
    name: String(cloud.property(resource, 'AliasName')),
    target: String(cloud.property(resource, 'TargetKeyId')),
  }));
  for (const resource of cloud.resources('AWS::KMS::Key')) {
    const keyId = cloud.nameOf(resource);
    const arn = cloud.arnOf(resource);
    const signs = cloud.property(resource, 'KeySpec') === signingSpec;
    const key = signs
      ? { keyId, arn, allows: readKeyAccess(cloud, resource), ...openPair(folder, keyId) }
      : 'other';
    const names = aliases.filter(({ target }) => target === keyId || target === arn).map(({ name }) => name);
    for (const name of [keyId, arn, ...names]) found.set(name, key);
  }
  return { find: (idOrArn) => found.get(idOrArn) };
}

function openPair(folder: string, keyId: string): Pick<SigningKey, 'privateKey' | 'publicKey'> {
  const file = join(folder, `${keyId}.pem`);
  if (!existsSync(file)) create(folder, file);
  const privateKey = createPrivateKey(readFileSync(file, 'utf8'));
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

function create(folder: string, file: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
  // Whole or not at all: half a key would stop every later start.
  writeFileSync(`${file}.new`, pem, { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
}
