/** An entry's length is two bytes, so this is the longest. */
export const MAX_ENTRY_BYTES = 65_535;
export const MAX_BUNDLE_ENTRIES = 256;

const LENGTH_BYTES = 2;

/** An entry bundle of tlog-tiles: each entry behind its length, a big-endian uint16. Throws a RangeError. */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length === 0 || entries.length > MAX_BUNDLE_ENTRIES) {
    throw new RangeError(`a bundle has 1 to 256 entries, not ${entries.length}`);
  }
  const total = entries.reduce((sum, entry) => sum + LENGTH_BYTES + entry.length, 0);
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES) throw new RangeError(`an entry of ${entry.length} bytes is too long`);
    bytes[at] = entry.length >> 8;
    bytes[at + 1] = entry.length & 0xff;
    bytes.set(entry, at + LENGTH_BYTES);
    at += LENGTH_BYTES + entry.length;
  }
  return bytes;
}

/** `truncated`: ends within an entry; `count`: whole entries, but not as many as asked; `trailing`: bytes after them. */
export type BundleFault = 'truncated' | 'count' | 'trailing';

export type DecodedBundle = { ok: true; entries: Uint8Array[] } | { ok: false; reason: BundleFault };

/** Takes a bundle of exactly `count` entries apart; the entries are views of `bytes`, not copies. */
export function decodeBundle(bytes: Uint8Array, count: number): DecodedBundle {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const begin = at + LENGTH_BYTES;
    const end = begin + ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0);
    if (begin > bytes.length || end > bytes.length) {
      return { ok: false, reason: entries.length >= count ? 'trailing' : 'truncated' };
    }
    entries.push(bytes.subarray(begin, end));
    at = end;
  }
  return entries.length === count ? { ok: true, entries } : { ok: false, reason: 'count' };
}
