import { describe, expect, test } from 'vitest';
import { formatCheckpoint, openCheckpoint, parseCheckpoint } from '../../../shared/tlog/checkpoint.ts';
import { cosign } from '../../../shared/tlog/cosignature.ts';
import { formatSignatureLine, signNote } from '../../../shared/tlog/note.ts';
import { COSIGNATURE_V1, ED25519 } from '../../../shared/tlog/signed-message.ts';
import { verifierKey } from '../../../shared/tlog/verifier-key.ts';
import { testSigner } from '../../kit/signer.ts';

const root = new Uint8Array(32).fill(7);
const encoded = Buffer.from(root).toString('base64');
const log = testSigner('log');
const logKey = verifierKey('example.com/log', ED25519, await log.publicKey());
const witness = testSigner('witness');
const witnessKey = verifierKey('example.com/witness', COSIGNATURE_V1, await witness.publicKey());
const text = formatCheckpoint({ origin: logKey.name, size: 42, root });
const cosignature = formatSignatureLine(await cosign(text, witnessKey.name, 1_700_000_000, witness));
const signed = await signNote(text, logKey.name, log);

describe('reading', () => {
  test('what is written is read back', () => {
    expect(text).toBe(`example.com/log\n42\n${encoded}\n`);
    for (const checkpoint of [
      { origin: 'a b+c', size: 0, root, extensions: [] },
      { origin: '—', size: Number.MAX_SAFE_INTEGER, root, extensions: ['one', ' two '] },
    ]) {
      expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual({ ok: true, checkpoint });
    }
  });

  test.each([
    ['', 'form'],
    [`a\n1\n${encoded}`, 'form'],
    [`\n1\n${encoded}\n`, 'origin'],
    ['a\n', 'size'],
    [`a\n01\n${encoded}\n`, 'size'],
    [`a\n+1\n${encoded}\n`, 'size'],
    [`a\n-1\n${encoded}\n`, 'size'],
    [`a\n1 \n${encoded}\n`, 'size'],
    [`a\n1e3\n${encoded}\n`, 'size'],
    [`a\n9007199254740992\n${encoded}\n`, 'size'],
    ['a\n1\n', 'root'],
    [`a\n1\n${encoded} \n`, 'root'],
    [`a\n1\n${encoded.slice(0, -1)}\n`, 'root'],
    [`a\n1\n${encoded.replace('=', '')}A\n`, 'root'],
    [`a\n1\n${Buffer.alloc(31).toString('base64')}\n`, 'root'],
    [`a\n1\n${Buffer.alloc(33).toString('base64')}\n`, 'root'],
    [`a\n1\n${encoded}\n\n`, 'extension'],
    [`a\n1\n${encoded}\none\n\ntwo\n`, 'extension'],
  ])('refuses %j', (source, reason) => {
    expect(parseCheckpoint(source)).toEqual({ ok: false, reason });
  });

  test('what would be read otherwise is not written', () => {
    for (const wrong of [
      { origin: '', size: 1, root },
      { origin: 'a\nb', size: 1, root },
      { origin: 'a\tb', size: 1, root },
      { origin: 'a', size: -1, root },
      { origin: 'a', size: 1.5, root },
      { origin: 'a', size: 2 ** 53, root },
      { origin: 'a', size: 1, root: root.subarray(1) },
      { origin: 'a', size: 1, root, extensions: [''] },
      { origin: 'a', size: 1, root, extensions: ['b\nc'] },
    ]) {
      expect(() => formatCheckpoint(wrong)).toThrow(RangeError);
    }
  });
});

describe('opening', () => {
  test('gives the checkpoint and when witnesses cosigned', () => {
    expect(openCheckpoint(signed + cosignature, logKey, [witnessKey])).toMatchObject({
      ok: true,
      text,
      checkpoint: { origin: 'example.com/log', size: 42 },
      cosignatures: [{ key: witnessKey, time: 1_700_000_000 }],
      unverified: [],
    });
    expect(openCheckpoint(signed + cosignature, logKey)).toMatchObject({ ok: true, cosignatures: [] });
  });

  test('a witness alone does not make a checkpoint', () => {
    const opened = openCheckpoint(`${text}\n${cosignature}`, logKey, [witnessKey]);
    expect(opened).toEqual({ ok: false, reason: 'unsigned' });
  });

  test('the origin is the name of the key', async () => {
    const stranger = formatCheckpoint({ origin: 'example.com/else', size: 42, root });
    const opened = openCheckpoint(await signNote(stranger, logKey.name, log), logKey);
    expect(opened).toEqual({ ok: false, reason: 'origin' });
  });

  test('a signed text that is no checkpoint is refused', async () => {
    const opened = openCheckpoint(await signNote('example.com/log\n042\n', logKey.name, log), logKey);
    expect(opened).toEqual({ ok: false, reason: 'size' });
  });
});
