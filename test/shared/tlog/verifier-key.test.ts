import { describe, expect, test } from 'vitest';
import { COSIGNATURE_V1, ED25519 } from '../../../shared/tlog/signed-message.ts';
import { formatVerifierKey, parseVerifierKey, verifierKey } from '../../../shared/tlog/verifier-key.ts';
import { testSigner } from '../../kit/signer.ts';

const VKEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const publicKey = await testSigner('a key').publicKey();

describe('verifier keys', () => {
  test('a known one is read and written again', () => {
    const read = parseVerifierKey(VKEY);
    expect(read).toMatchObject({ ok: true, key: { name: 'PeterNeumann', keyId: 'c74f20a3', algorithm: 1 } });
    if (read.ok) expect(formatVerifierKey('PeterNeumann', ED25519, read.key.publicKey)).toBe(VKEY);
  });

  test('one key has another id for another name and another algorithm', () => {
    const ids = [
      verifierKey('a', ED25519, publicKey),
      verifierKey('b', ED25519, publicKey),
      verifierKey('a', COSIGNATURE_V1, publicKey),
    ].map(({ keyId }) => keyId);
    expect(new Set(ids).size).toBe(3);
    for (const algorithm of [ED25519, COSIGNATURE_V1] as const) {
      const key = verifierKey('a', algorithm, publicKey);
      expect(parseVerifierKey(formatVerifierKey('a', algorithm, publicKey))).toEqual({ ok: true, key });
    }
  });

  test.each([
    ['', 'form'],
    ['PeterNeumann', 'form'],
    [VKEY.replace('c74f20a3', 'C74F20A3'), 'form'],
    [VKEY.replace('c74f20a3', 'c74f20'), 'form'],
    [`${VKEY} `, 'form'],
    [`${VKEY}\n`, 'form'],
    [`+${VKEY}`, 'form'],
    [VKEY.replace('PeterNeumann', ''), 'name'],
    [VKEY.replace('PeterNeumann', 'Peter Neumann'), 'name'],
    [VKEY.replace('PeterNeumann', 'PeterNeumanm'), 'keyId'],
    [VKEY.replace('c74f20a3', 'c74f20a4'), 'keyId'],
    [VKEY.replace('10TW', '10TX'), 'keyId'],
    [VKEY.replace('+ARpc', '+Arpc'), 'algorithm'],
    [VKEY.slice(0, -4), 'key'],
    [`${VKEY}AAAA`, 'key'],
  ])('refuses %j', (text, reason) => {
    expect(parseVerifierKey(text)).toEqual({ ok: false, reason });
  });

  test('what is no name or no key is not written', () => {
    for (const name of ['', 'a b', 'a+b', 'a\nb', 'a\u2003b', '\ud800']) {
      expect(() => formatVerifierKey(name, ED25519, publicKey)).toThrow(RangeError);
    }
    expect(() => formatVerifierKey('a', ED25519, publicKey.subarray(1))).toThrow(RangeError);
  });
});
