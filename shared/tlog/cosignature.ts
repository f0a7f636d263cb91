import {
  type NoteError,
  type NoteSignature,
  parseSignatureLines,
  type VerifiedSignature,
  verifySignature,
} from './note.ts';
import { COSIGNATURE_V1, cosignedMessage, timestamped } from './signed-message.ts';
import type { Signer } from './signer.ts';
import { keyIdOf, type VerifierKey } from './verifier-key.ts';

/**
 * A witness signs the text of a checkpoint at a time, in whole seconds since 1970 (C2SP tlog-cosignature,
 * `cosignature/v1`). The line for the note is `formatSignatureLine` of what comes out.
 */
export async function cosign(
  text: string,
  name: string,
  time: number,
  signer: Signer,
): Promise<NoteSignature> {
  if (!Number.isSafeInteger(time) || time < 0) throw new RangeError(`${time} is no time in whole seconds`);
  const keyId = keyIdOf(name, COSIGNATURE_V1, await signer.publicKey());
  const signature = await signer.sign(cosignedMessage(text, time));
  return { name, keyId, signature: timestamped(time, signature) };
}

/** Checks one cosignature over a checkpoint's text; `time` is when the witness says it signed. */
export function verifyCosignature(
  text: string,
  signature: NoteSignature,
  key: VerifierKey,
): { ok: true; time: number } | { ok: false } {
  // Signatures of any other type state no time.
  const verified = verifySignature(text, signature, key);
  return verified?.time === undefined ? { ok: false } : { ok: true, time: verified.time };
}

/**
 * Reads what a witness answered for a checkpoint's text and gives the cosignatures of the keys known. Lines of
 * other keys are passed over; a wrong signature of a known one is `invalid`, none of a known one `unsigned`.
 */
export function readCosignatures(
  answer: string,
  text: string,
  keys: readonly VerifierKey[],
): { ok: true; cosignatures: VerifiedSignature[] } | NoteError {
  const lines = parseSignatureLines(answer);
  if (!lines.ok) return lines;
  const cosignatures = new Map<VerifierKey, VerifiedSignature>();
  for (const line of lines.signatures) {
    const key = keys.find(({ name, keyId }) => name === line.name && keyId === line.keyId);
    if (key?.algorithm !== COSIGNATURE_V1 || cosignatures.has(key)) continue;
    const verified = verifySignature(text, line, key);
    if (verified === null) return { ok: false, reason: 'invalid' };
    cosignatures.set(key, verified);
  }
  return cosignatures.size > 0
    ? { ok: true, cosignatures: [...cosignatures.values()] }
    : { ok: false, reason: 'unsigned' };
}
