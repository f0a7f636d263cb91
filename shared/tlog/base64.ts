/** Decodes RFC 4648, section 4, with padding and nothing else in it; null where the text is not exactly that. */
export function fromBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64');
  // Node skips what it does not know and ignores loose bits: only what encodes back is what was meant.
  return bytes.toString('base64') === text ? Uint8Array.from(bytes) : null;
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
