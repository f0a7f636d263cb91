import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatNote,
  formatSignatureLine,
  type Note,
  type NoteSignature,
  parseNote,
  signNote,
  verifyNote,
} from '../../../shared/tlog/note.ts';
import { ED25519 } from '../../../shared/tlog/signed-message.ts';
import { parseVerifierKey, type VerifierKey, verifierKey } from '../../../shared/tlog/verifier-key.ts';
import { conformance } from '../../kit/conformance.ts';
import { testSigner } from '../../kit/signer.ts';

function keyOf(vkey: string): VerifierKey {
  const read = parseVerifierKey(vkey);
  if (!read.ok) throw new Error(`${vkey}: ${read.reason}`);
  return read.key;
}

const signer = testSigner('log');
const key = verifierKey('example.com/log', ED25519, await signer.publicKey());
const other = verifierKey('example.com/other', ED25519, await testSigner('other').publicKey());
const text = 'one line\n\nand another, — too\n';
const signed = await signNote(text, key.name, signer);
const line = signed.slice(text.length + 1);
const bySomeone: NoteSignature = { name: 'someone', keyId: '01020304', signature: Uint8Array.of(1) };
const someone = formatSignatureLine(bySomeone);

const sample = conformance('tlog/signed-note.json');

describe.skipIf(!sample.present)(`the notes of the data${sample.present ? '' : `: ${sample.notice}`}`, () => {
  const data = sample.present
    ? (JSON.parse(readFileSync(sample.path, 'utf8')) as {
        verify: { vkey: string; note: string }[];
        sign: { skey: string; text: string; note: string }[];
      })
    : { verify: [], sign: [] };

  test.each(data.verify)('$vkey verifies', ({ vkey, note }) => {
    const verified = verifyNote(note, [keyOf(vkey), other]);
    expect(verified.ok && verified.verified.map((signature) => signature.key)).toEqual([keyOf(vkey)]);
    expect(verifyNote(Buffer.from(note), [keyOf(vkey)]).ok).toBe(true);
    expect(
      verifyNote(note.replace('you', 'You').replace('an example', 'no example'), [keyOf(vkey)]),
    ).toMatchObject({
      ok: false,
      reason: 'invalid',
    });
  });

  test.each(data.sign)('$skey signs', async ({ skey, text, note }) => {
    const [, , name = '', , encoded = ''] = skey.split('+');
    // An encoded key may hold a plus sign itself; the first byte is its algorithm.
    const raw = Buffer.from(skey.slice(skey.indexOf(encoded)), 'base64').subarray(1);
    expect(await signNote(text, name, testSigner(raw))).toBe(note);
  });

  test('both are there', () => {
    expect([data.verify.length, data.sign.length]).toEqual([3, 1]);
  });
});

describe('verifying', () => {
  test('gives the text, what verified and what did not', () => {
    const verified = verifyNote(signed + someone, [other, key]);
    expect(verified).toMatchObject({ ok: true, text, unverified: [bySomeone] });
    expect(verified.ok && verified.verified).toHaveLength(1);
  });

  test('ignores what shares a name or an id with a known key, but not both', () => {
    const shared = formatSignatureLine({ ...bySomeone, name: key.name });
    const same = formatSignatureLine({ ...bySomeone, keyId: key.keyId });
    const verified = verifyNote(`${text}\n${shared}${same}${line}`, [key]);
    expect(verified.ok && [verified.verified.length, verified.unverified.length]).toEqual([1, 2]);
  });

  test('refuses the whole note where a known key did not sign what stands there', async () => {
    const wrong = formatSignatureLine({
      name: other.name,
      keyId: other.keyId,
      signature: new Uint8Array(64),
    });
    expect(verifyNote(signed + wrong, [key, other])).toMatchObject({ ok: false, reason: 'invalid' });
    const short = formatSignatureLine({ name: key.name, keyId: key.keyId, signature: new Uint8Array(63) });
    expect(verifyNote(`${text}\n${short}`, [key])).toMatchObject({ ok: false, reason: 'invalid' });
    expect(verifyNote(signed + wrong, [key])).toMatchObject({ ok: true });
  });

  test('refuses a note that none of the keys signed', () => {
    expect(verifyNote(signed, [])).toEqual({ ok: false, reason: 'unsigned' });
    expect(verifyNote(signed, [other])).toEqual({ ok: false, reason: 'unsigned' });
  });

  test('refuses keys of the same name and id once one of them signed', () => {
    expect(verifyNote(signed, [key, { ...key }])).toMatchObject({ ok: false, reason: 'ambiguous' });
    expect(verifyNote(signed, [key, other, { ...other }])).toMatchObject({ ok: true });
  });

  test('passes over a signature that stands twice', () => {
    const verified = verifyNote(signed + line + someone + someone, [key]);
    expect(verified.ok && [verified.verified.length, verified.unverified.length]).toEqual([1, 1]);
  });

  test('takes a hundred signatures and no more', () => {
    expect(verifyNote(signed + someone.repeat(99), [key])).toMatchObject({ ok: true });
    expect(verifyNote(signed + someone.repeat(100), [key])).toEqual({ ok: false, reason: 'signatures' });
  });

  test('one bit changed anywhere is seen', () => {
    const bytes = Buffer.from(signed);
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const changed = Buffer.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(verifyNote(changed, [key]).ok).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

describe('reading', () => {
  test.each([
    ['nothing', '', 'form'],
    ['no signature', text, 'signature'],
    ['no blank line', `one\n${line}`, 'form'],
    ['nothing behind the blank line', `${text}\n`, 'form'],
    ['a last line without its newline', signed.slice(0, -1), 'form'],
    ['a blank line at the end', `${signed}\n`, 'form'],
    ['a hyphen for the dash', signed.replace('\n\n— ', '\n\n- '), 'signature'],
    ['two spaces behind the dash', signed.replace('\n\n— ', '\n\n—  '), 'signature'],
    ['a space at the end', signed.replace(/\n$/, ' \n'), 'signature'],
    ['a plus sign in a name', signed.replace(key.name, 'a+b'), 'signature'],
    ['a no-break space in a name', signed.replace(key.name, 'a\u00a0b'), 'signature'],
    ['no name', signed.replace(key.name, ''), 'signature'],
    ['base64 with loose bits', `${text}\n— a AAAAAAB=\n`, 'signature'],
    ['base64 without padding', `${text}\n— a AAAAAAA\n`, 'signature'],
    ['base64 of a URL', `${text}\n— a AAAAAA_-\n`, 'signature'],
    ['a key id alone', `${text}\n— a AAAAAA==\n`, 'signature'],
    ['a tab', `a\tb\n\n${line}`, 'control'],
    ['a carriage return', signed.replaceAll('\n', '\r\n'), 'control'],
    ['a zero byte', `\0\n\n${line}`, 'control'],
    ['a lone surrogate', `\ud800\n\n${line}`, 'encoding'],
    ['a megabyte', `${'a'.repeat(1_000_000)}\n\n${line}`, 'size'],
  ])('refuses %s', (_name, note, reason) => {
    expect(parseNote(note)).toMatchObject({ ok: false, reason });
  });

  test('refuses bytes that are no UTF-8', () => {
    const bytes = Buffer.from(signed);
    bytes[0] = 0xff;
    expect(parseNote(bytes)).toEqual({ ok: false, reason: 'encoding' });
    expect(parseNote(Buffer.concat([Buffer.of(0xc0, 0x80), Buffer.from(signed)]))).toMatchObject({
      ok: false,
    });
  });

  test('keeps a byte-order mark, which is signed too', () => {
    const read = parseNote(Buffer.from(`\ufeff${signed}`));
    expect(read.ok && read.note.text).toBe(`\ufeff${text}`);
    expect(verifyNote(Buffer.from(`\ufeff${signed}`), [key]).ok).toBe(false);
  });

  test('what is written is read back, or not written', () => {
    const anyNote = fc.record({
      text: fc.string({ unit: 'grapheme' }).map((body) => `${body}\n`),
      signatures: fc.array(
        fc.record({
          name: fc.string({ minLength: 1 }),
          keyId: fc.constant('0a0b0c0d'),
          signature: fc.uint8Array({ minLength: 1, maxLength: 80 }),
        }),
        { minLength: 1, maxLength: 4 },
      ),
    });
    const written = (note: Note) => {
      try {
        return formatNote(note);
      } catch {
        return null;
      }
    };
    fc.assert(
      fc.property(anyNote, (note) => {
        const whole = written(note);
        if (whole !== null) expect(parseNote(whole)).toEqual({ ok: true, note });
      }),
    );
    expect(() => formatNote({ text: 'no newline', signatures: [bySomeone] })).toThrow();
    expect(() => formatNote({ text, signatures: [] })).toThrow();
    expect(() => formatNote({ text, signatures: [{ ...bySomeone, name: 'a b' }] })).toThrow();
    expect(() => formatNote({ text: `${text}\nmore`, signatures: [bySomeone] })).toThrow();
  });
});
