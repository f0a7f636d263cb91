import { generateKeyPairSync, sign } from 'node:crypto';
import type { Signer } from '../../shared/tlog/signer.ts';

/** An Ed25519 key of a test. */
export function memorySigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  return { publicKey: async () => raw, sign: async (message) => sign(null, message, privateKey) };
}
