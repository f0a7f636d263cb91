import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { fromBase64, toBase64 } from './base64.ts';
import { type Algorithm, isAlgorithm, isPublicKey } from './signed-message.ts';

/** A name with a public key, as the text `name+keyId+base64(algorithm ‖ key)` gives it. */
export type VerifierKey = {
  name: string;
  /** Eight hex digits: SHA-256(name ‖ 0x0A ‖ algorithm ‖ key), its first four bytes. */
  keyId: string;
  algorithm: Algorithm;
  /** Raw Ed25519, 32 bytes. */
  publicKey: Uint8Array;
};

const NAME = /^[^\p{White_Space}+[\p{Cc}--[\x7f-\x9f]]]+$/v;

/** A key name is not empty and has no Unicode spaces, no plus signs and no ASCII control characters. */
export function isKeyName(name: string): boolean {
  return name.isWellFormed() && NAME.test(name);
}

/** Throws a RangeError where the name or the key can't be one. */
export function verifierKey(name: string, algorithm: Algorithm, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name)) throw new RangeError(`${JSON.stringify(name)} is no key name`);
  if (!isPublicKey(publicKey)) throw new RangeError(`a public key has 32 bytes, not ${publicKey.length}`);
  return { name, keyId: keyIdOf(name, algorithm, publicKey), algorithm, publicKey };
}

export function keyIdOf(name: string, algorithm: Algorithm, publicKey: Uint8Array): string {
  const hashed = Buffer.concat([Buffer.from(`${name}\n`), Uint8Array.of(algorithm), publicKey]);
  return hash('sha256', hashed, 'hex').slice(0, 8);
}

/** The vkey text. Throws a RangeError as `verifierKey` does. */
export function formatVerifierKey(name: string, algorithm: Algorithm, publicKey: Uint8Array): string {
  const key = verifierKey(name, algorithm, publicKey);
  return `${name}+${key.keyId}+${toBase64(Buffer.concat([Uint8Array.of(algorithm), publicKey]))}`;
}

export type KeyFault = 'form' | 'name' | 'algorithm' | 'key' | 'keyId';

/** Reads a vkey; `keyId` is wrong where it isn't the hash of the rest. */
export function parseVerifierKey(
  text: string,
): { ok: true; key: VerifierKey } | { ok: false; reason: KeyFault } {
  const [, name = '', keyId = '', data = ''] = /^([^+]*)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text) ?? [];
  const bytes = fromBase64(data);
  if (keyId === '' || bytes === null) return { ok: false, reason: 'form' };
  if (!isKeyName(name)) return { ok: false, reason: 'name' };
  const algorithm = bytes[0];
  if (!isAlgorithm(algorithm)) return { ok: false, reason: 'algorithm' };
  const publicKey = bytes.subarray(1);
  if (!isPublicKey(publicKey)) return { ok: false, reason: 'key' };
  const key = verifierKey(name, algorithm, publicKey);
  return key.keyId === keyId ? { ok: true, key } : { ok: false, reason: 'keyId' };
}

const keyObjects = new WeakMap<Uint8Array, KeyObject>();

/** Whether Ed25519 with this raw public key signed the message. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const x = Buffer.from(publicKey).toString('base64url');
  const key =
    keyObjects.get(publicKey) ?? createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  keyObjects.set(publicKey, key);
  return verify(null, message, key, signature);
}
