import { fromBase64, toBase64 } from './base64.ts';
import { ED25519, signedMessage } from './signed-message.ts';
import type { Signer } from './signer.ts';
import { isKeyName, keyIdOf, type VerifierKey, verifyEd25519 } from './verifier-key.ts';

/** One signature line of a note. `keyId` is eight hex digits, `signature` what stands behind it. */
export type NoteSignature = { name: string; keyId: string; signature: Uint8Array };
/** `text` ends in a newline and is what is signed. */
export type Note = { text: string; signatures: NoteSignature[] };

/** C2SP signed-note wants at least 16 accepted; this is the bound of Go's own reader. */
export const MAX_SIGNATURES = 100;
export const MAX_NOTE_CHARACTERS = 1_000_000;

const KEY_ID_BYTES = 4;
const LINE = /^— ([^ ]+) ([A-Za-z0-9+/=]+)$/;
/** Everything below U+0020 but newline; U+007F is allowed by the specification. */
const CONTROL = /[^\P{Cc}\n\u007f-\u009f]/u;

export type NoteFault =
  | 'encoding'
  | 'control'
  | 'size'
  | 'form'
  | 'signature'
  | 'signatures'
  | 'ambiguous'
  | 'invalid'
  | 'unsigned';
export type NoteError = { ok: false; reason: NoteFault; line?: string };

/** Reads a signed note strictly; nothing in it is verified yet. */
export function parseNote(source: string | Uint8Array): { ok: true; note: Note } | NoteError {
  const whole = typeof source === 'string' ? source : decoded(source);
  if (whole === null || !whole.isWellFormed()) return { ok: false, reason: 'encoding' };
  if (whole.length > MAX_NOTE_CHARACTERS) return { ok: false, reason: 'size' };
  if (CONTROL.test(whole)) return { ok: false, reason: 'control' };
  const blank = whole.lastIndexOf('\n\n');
  if (blank < 0) return { ok: false, reason: 'form' };
  const lines = parseSignatureLines(whole.slice(blank + 2));
  if (!lines.ok) return lines;
  return { ok: true, note: { text: whole.slice(0, blank + 1), signatures: lines.signatures } };
}

/** Reads signature lines alone, as a witness answers with them: at least one, each ended by a newline. */
export function parseSignatureLines(text: string): { ok: true; signatures: NoteSignature[] } | NoteError {
  if (!text.endsWith('\n')) return { ok: false, reason: 'form' };
  const lines = text.slice(0, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) return { ok: false, reason: 'signatures' };
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseLine(line);
    if (signature === null) return { ok: false, reason: 'signature', line };
    signatures.push(signature);
  }
  return { ok: true, signatures };
}

function parseLine(line: string): NoteSignature | null {
  const [, name = '', encoded = ''] = LINE.exec(line) ?? [];
  const bytes = fromBase64(encoded);
  if (!isKeyName(name) || bytes === null || bytes.length <= KEY_ID_BYTES) return null;
  return {
    name,
    keyId: Buffer.from(bytes.subarray(0, KEY_ID_BYTES)).toString('hex'),
    signature: bytes.subarray(KEY_ID_BYTES),
  };
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

export function formatSignatureLine({ name, keyId, signature }: NoteSignature): string {
  return `— ${name} ${toBase64(Buffer.concat([Buffer.from(keyId, 'hex'), signature]))}\n`;
}

/** The note as text. Throws an Error where it could not be read back as the same note. */
export function formatNote({ text, signatures }: Note): string {
  const whole = `${text}\n${signatures.map(formatSignatureLine).join('')}`;
  const read = parseNote(whole);
  if (!read.ok) throw new Error(`this is no note: ${read.reason}`);
  if (read.note.text !== text) throw new Error('the text of a note ends in one newline');
  return whole;
}

/** Signs a text with Ed25519 under a key name. */
export async function signNote(text: string, name: string, signer: Signer): Promise<string> {
  const keyId = keyIdOf(name, ED25519, await signer.publicKey());
  const signature = await signer.sign(Buffer.from(text));
  return formatNote({ text, signatures: [{ name, keyId, signature }] });
}

export type VerifiedSignature = NoteSignature & {
  key: VerifierKey;
  /** Whole seconds since 1970, where the signature states a time: that of a witness does. */
  time?: number;
};

export type VerifiedNote =
  | { ok: true; text: string; verified: VerifiedSignature[]; unverified: NoteSignature[] }
  | NoteError;

/**
 * Reads a note and checks the signatures of the keys given, Ed25519's and witnesses'. Signatures of other
 * keys are `unverified`, whatever they say. A second signature of the same key is passed over. The whole note
 * is refused where a known key's signature is wrong (`invalid`), where two keys given share name and id and
 * one of them signed (`ambiguous`), or where none of the keys signed (`unsigned`).
 */
export function verifyNote(source: string | Uint8Array, keys: readonly VerifierKey[]): VerifiedNote {
  const read = parseNote(source);
  if (!read.ok) return read;
  const { text, signatures } = read.note;
  const verified = new Map<string, VerifiedSignature>();
  const unverified = new Map<string, NoteSignature>();
  for (const signature of signatures) {
    const id = `${signature.name}+${signature.keyId}`;
    const [key, another] = keys.filter((known) => `${known.name}+${known.keyId}` === id);
    if (another !== undefined)
      return { ok: false, reason: 'ambiguous', line: formatSignatureLine(signature) };
    if (key === undefined) {
      unverified.set(`${id}+${toBase64(signature.signature)}`, signature);
    } else if (!verified.has(id)) {
      const found = verifySignature(text, signature, key);
      if (found === null) return { ok: false, reason: 'invalid', line: formatSignatureLine(signature) };
      verified.set(id, found);
    }
  }
  if (verified.size === 0) return { ok: false, reason: 'unsigned' };
  return { ok: true, text, verified: [...verified.values()], unverified: [...unverified.values()] };
}

/** Checks one signature over a note's text by the key it should be of; null where it is not. */
export function verifySignature(
  text: string,
  signature: NoteSignature,
  key: VerifierKey,
): VerifiedSignature | null {
  if (signature.name !== key.name || signature.keyId !== key.keyId) return null;
  const signed = signedMessage(key.algorithm, text, signature.signature);
  if (signed === null || !verifyEd25519(key.publicKey, signed.message, signed.signature)) return null;
  return { ...signature, key, ...(signed.time === undefined ? {} : { time: signed.time }) };
}
