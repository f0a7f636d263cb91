import { isAscii, isUtf8 } from 'node:buffer';
import { decodeEntry, MAX_ENTRY_BYTES } from '../../shared/trail/entry.ts';
import type { Leaf } from './leaf.ts';
import { millisecondsOf } from './time.ts';

/** Reads the bytes of a leaf as an entry, strictly; or says why they are none. */
export function readLeaf(index: number, bytes: Uint8Array): Leaf | { reason: string } {
  if (bytes.length > MAX_ENTRY_BYTES)
    return { reason: `it has ${bytes.length} bytes, more than ${MAX_ENTRY_BYTES}` };
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isAscii(buffer) && !isUtf8(buffer)) return { reason: 'its bytes are not UTF-8' };
  const text = buffer.toString();
  const read = decodeEntry(text);
  if ('reason' in read) return read;
  const { entry } = read;
  const claimedAt = millisecondsOf(entry.claimedAt);
  const recordedAt = millisecondsOf(entry.recordedAt);
  if (Number.isNaN(claimedAt) || Number.isNaN(recordedAt))
    return { reason: 'it names a time that no clock shows' };
  return { index, bytes, text, entry, claimedAt, recordedAt };
}
