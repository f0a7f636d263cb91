import { createPrivateKey, createPublicKey, hash, sign } from 'node:crypto';
import type { Signer } from '../../shared/tlog/signer.ts';

/** PKCS #8 of an Ed25519 private key, up to its 32 bytes (RFC 8410). */
const PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A signer over the raw private key given, or over one made of a word. */
export function testSigner(seed: string | Uint8Array): Signer {
  const raw = typeof seed === 'string' ? hash('sha256', seed, 'buffer') : seed;
  const key = createPrivateKey({ key: Buffer.concat([PREFIX, raw]), format: 'der', type: 'pkcs8' });
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return {
    publicKey: async () => Uint8Array.from(Buffer.from(x, 'base64url')),
    sign: async (message) => Uint8Array.from(sign(null, message, key)),
  };
}
