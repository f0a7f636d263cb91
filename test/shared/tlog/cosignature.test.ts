import { verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { formatCheckpoint } from '../../../shared/tlog/checkpoint.ts';
import { cosign, readCosignatures, verifyCosignature } from '../../../shared/tlog/cosignature.ts';
import { formatSignatureLine, parseSignatureLines, signNote, verifyNote } from '../../../shared/tlog/note.ts';
import { COSIGNATURE_V1, ED25519 } from '../../../shared/tlog/signed-message.ts';
import { verifierKey } from '../../../shared/tlog/verifier-key.ts';
import { testSigner } from '../../kit/signer.ts';

const TIME = 1_679_315_147;
const signer = testSigner('witness');
const publicKey = await signer.publicKey();
const key = verifierKey('witness.example.com/w1', COSIGNATURE_V1, publicKey);
const stranger = verifierKey('witness.example.com/w2', COSIGNATURE_V1, await testSigner('w2').publicKey());
const text = formatCheckpoint({ origin: 'example.com/log', size: 7, root: new Uint8Array(32) });
const signature = await cosign(text, key.name, TIME, signer);

describe('cosignatures', () => {
  test('the bytes are those of tlog-cosignature', () => {
    expect(signature).toMatchObject({ name: key.name, keyId: key.keyId });
    const bytes = Buffer.from(signature.signature);
    expect(bytes.length).toBe(72);
    expect(bytes.readBigUInt64BE()).toBe(BigInt(TIME));
    const message = Buffer.from(`cosignature/v1\ntime 1679315147\n${text}`);
    const x = Buffer.from(publicKey).toString('base64url');
    const jwk = { kty: 'OKP', crv: 'Ed25519', x };
    expect(verify(null, message, { key: jwk, format: 'jwk' }, bytes.subarray(8))).toBe(true);
  });

  test('verify with their time, and not for another text, time or key', () => {
    expect(verifyCosignature(text, signature, key)).toEqual({ ok: true, time: TIME });
    expect(verifyCosignature(text.replace('7', '8'), signature, key)).toEqual({ ok: false });
    expect(verifyCosignature(text, signature, stranger)).toEqual({ ok: false });
    for (const at of [0, 7, 8, 71]) {
      const changed = Uint8Array.from(signature.signature);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(verifyCosignature(text, { ...signature, signature: changed }, key)).toEqual({ ok: false });
    }
    for (const length of [0, 64, 71]) {
      const cut = signature.signature.subarray(0, length);
      expect(verifyCosignature(text, { ...signature, signature: cut }, key)).toEqual({ ok: false });
    }
  });

  test('a signature of the log is no cosignature, nor the other way round', async () => {
    const log = verifierKey(key.name, ED25519, publicKey);
    const lines = parseSignatureLines((await signNote(text, key.name, signer)).slice(text.length + 1));
    const [plain = signature] = lines.ok ? lines.signatures : [];
    expect(verifyCosignature(text, plain, log)).toEqual({ ok: false });
    expect(verifyCosignature(text, { ...plain, keyId: key.keyId }, key)).toEqual({ ok: false });
    const disguised = formatSignatureLine({ ...signature, keyId: log.keyId });
    expect(verifyNote(`${text}\n${disguised}`, [log])).toMatchObject({ ok: false, reason: 'invalid' });
  });

  test('a time is whole seconds', async () => {
    for (const time of [-1, 0.5, Number.NaN, 2 ** 53]) {
      await expect(cosign(text, key.name, time, signer)).rejects.toThrow(RangeError);
    }
  });
});

describe('what a witness answers', () => {
  const line = formatSignatureLine(signature);
  const other = formatSignatureLine({ name: 'someone', keyId: '00000000', signature: Uint8Array.of(1) });

  test('the signatures of known keys come out, once each', () => {
    const read = readCosignatures(other + line + line, text, [stranger, key]);
    expect(read.ok && read.cosignatures).toHaveLength(1);
    expect(read).toMatchObject({ ok: true, cosignatures: [{ key, time: TIME }] });
  });

  test.each([
    ['nothing', '', 'form'],
    ['a line without its newline', line.slice(0, -1), 'form'],
    ['what is no signature', 'Conflict\n', 'signature'],
    ['signatures of strangers', other, 'unsigned'],
    [
      'a wrong one of a known key',
      formatSignatureLine({ ...signature, signature: new Uint8Array(72) }),
      'invalid',
    ],
  ])('%s is refused', (_name, answer, reason) => {
    expect(readCosignatures(answer, text, [key])).toMatchObject({ ok: false, reason });
  });
});
