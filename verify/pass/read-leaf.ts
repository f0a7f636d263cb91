import { isAscii, isUtf8 } from 'node:buffer';
import { decodeAnyEntry, MAX_ENTRY_BYTES } from '../../shared/trail/entry.ts';
import { glance, glanceOf } from '../../shared/trail/entry-shape.ts';
import { Leaf, type Seen } from './leaf.ts';
import { millisecondsOf } from './time.ts';

/** Reads the bytes of a leaf as an entry, strictly; or says why they are none. */
export function readLeaf(index: number, bytes: Uint8Array): Leaf | string {
  if (bytes.length > MAX_ENTRY_BYTES) return `it has ${bytes.length} bytes, more than ${MAX_ENTRY_BYTES}`;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ascii = isAscii(buffer);
  if (!ascii && !isUtf8(buffer)) return 'its bytes are not UTF-8';
  const text = buffer.toString(ascii ? 'latin1' : 'utf8');
  const seen = look(text);
  if (typeof seen === 'string') return seen;
  const claimedAt = millisecondsOf(seen.glance.claimedAt);
  const recordedAt = millisecondsOf(seen.glance.recordedAt);
  if (Number.isNaN(claimedAt) || Number.isNaN(recordedAt)) return 'it names a time that no clock shows';
  return new Leaf(index, bytes, text, { ...seen, claimedAt, recordedAt });
}

function look(text: string): Seen | string {
  const seen = glance(text);
  if (seen) return { glance: seen, entry: null };
  const read = decodeAnyEntry(text);
  return 'reason' in read ? read.reason : { glance: glanceOf(read.entry), entry: read.entry };
}
