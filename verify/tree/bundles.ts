import { decodeBundle, MAX_BUNDLE_ENTRIES, MAX_ENTRY_BYTES } from '../../shared/tlog/bundle.ts';
import { entriesPath, TILE_WIDTH } from '../../shared/tlog/tiles.ts';
import { type Folder, Unreadable } from '../folder/folder.ts';

export const MAX_BUNDLE_BYTES = MAX_BUNDLE_ENTRIES * (2 + MAX_ENTRY_BYTES);

export type Bundle = { entries: Uint8Array[]; bytes: number } | { where: string; fault: string };

const FAULTS = {
  truncated: 'ends in the middle of an entry',
  count: 'holds fewer entries than the signed size asks for',
  trailing: 'goes on after its last entry',
} as const;

/** How many bundles a log of `size` entries has. */
export const bundlesOf = (size: number): number => Math.ceil(size / TILE_WIDTH);

/**
 * Bundle `n` of a log of `size` entries. Where the partial bundle of this size is not there, the beginning of a fuller one serves: a
 * log that has grown may have dropped the partial one (tlog-tiles).
 */
export function readBundle(folder: Folder, n: number, size: number): Bundle {
  const width = Math.min(TILE_WIDTH, size - n * TILE_WIDTH);
  const where = entriesPath(n, width);
  try {
    const bytes = folder.read(where, MAX_BUNDLE_BYTES);
    if (bytes !== null) return take(bytes, where, width, width);
    const fuller = width < TILE_WIDTH ? folder.read(entriesPath(n), MAX_BUNDLE_BYTES) : null;
    if (fuller === null)
      return { where, fault: 'is not there, though the signed size says that it has to be' };
    return take(fuller, entriesPath(n), TILE_WIDTH, width);
  } catch (error) {
    if (error instanceof Unreadable) return { where, fault: error.message.slice(error.path.length + 2) };
    throw error;
  }
}

function take(bytes: Uint8Array, where: string, holds: number, wanted: number): Bundle {
  const read = decodeBundle(bytes, holds);
  if (!read.ok) return { where, fault: FAULTS[read.reason] };
  return { entries: read.entries.slice(0, wanted), bytes: bytes.length };
}
