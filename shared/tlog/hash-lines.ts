import { fromBase64 } from './base64.ts';
import { HASH_BYTES } from './hash.ts';

/** A tree has fewer than 2^63 leaves, so no proof is longer. */
export const MAX_PROOF_HASHES = 63;

/** Reads a proof from its lines, a hash of 32 bytes in base64 each; null where one of them isn't, or too many. */
export function fromHashLines(lines: readonly string[]): Uint8Array[] | null {
  if (lines.length > MAX_PROOF_HASHES) return null;
  const hashes = lines.map(fromBase64);
  return hashes.every((hash) => hash?.length === HASH_BYTES) ? hashes.filter((hash) => hash !== null) : null;
}
