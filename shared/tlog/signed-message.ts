/** The signature types of C2SP signed-note that are known here, each with a key of 32 bytes. */
export const ED25519 = 0x01;
export const COSIGNATURE_V1 = 0x04;
export type Algorithm = typeof ED25519 | typeof COSIGNATURE_V1;

const PUBLIC_KEY_BYTES = 32;
const ED25519_BYTES = 64;
const TIMESTAMP_BYTES = 8;

/** What Ed25519 signed, and the time that the signature states, in whole seconds since 1970. */
export type SignedMessage = { message: Uint8Array; signature: Uint8Array; time?: number };

type Unwrap = (text: string, bytes: Uint8Array) => SignedMessage | null;

const UNWRAP: Record<Algorithm, Unwrap> = {
  [ED25519]: (text, bytes) =>
    bytes.length === ED25519_BYTES ? { message: Buffer.from(text), signature: bytes } : null,
  [COSIGNATURE_V1]: (text, bytes) => {
    if (bytes.length !== TIMESTAMP_BYTES + ED25519_BYTES) return null;
    const time = Buffer.from(bytes).readBigUInt64BE();
    // The specification allows 2^63 − 1; beyond safe integers no honest clock gets.
    if (time > BigInt(Number.MAX_SAFE_INTEGER)) return null;
    return {
      message: cosignedMessage(text, Number(time)),
      signature: bytes.subarray(TIMESTAMP_BYTES),
      time: Number(time),
    };
  },
};

export function isAlgorithm(value: number | undefined): value is Algorithm {
  return value === ED25519 || value === COSIGNATURE_V1;
}

export function isPublicKey(bytes: Uint8Array): boolean {
  return bytes.length === PUBLIC_KEY_BYTES;
}

/** Takes the bytes behind the key id of a signature over a note's text apart; null where they can't be one. */
export function signedMessage(algorithm: Algorithm, text: string, bytes: Uint8Array): SignedMessage | null {
  return UNWRAP[algorithm](text, bytes);
}

/** What a witness signs (C2SP tlog-cosignature): two lines, then the checkpoint without its signatures. */
export function cosignedMessage(text: string, time: number): Uint8Array {
  return Buffer.from(`cosignature/v1\ntime ${time}\n${text}`);
}

/** The signature of a witness: the time as a big-endian uint64, then Ed25519's. */
export function timestamped(time: number, signature: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(TIMESTAMP_BYTES + signature.length);
  bytes.writeBigUInt64BE(BigInt(time));
  bytes.set(signature, TIMESTAMP_BYTES);
  return bytes;
}
