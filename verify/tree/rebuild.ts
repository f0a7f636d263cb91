import { HASH_BYTES } from '../../shared/tlog/hash.ts';
import { TILE_WIDTH, tilePath } from '../../shared/tlog/tiles.ts';
import type { Folder } from '../folder/folder.ts';
import { bundlesOf, readBundle } from './bundles.ts';
import { Levels } from './levels.ts';
import { StoredTiles } from './stored-tiles.ts';

export interface TileFault {
  where: string;
  what: string;
}

/** What a tree is rebuilt out of: the entries, or the lowest tiles where entries may not be read. */
export type Leaves = 'entries' | 'tiles';

export interface Plan {
  /** The signed size. */
  size: number;
  from: Leaves;
  /** Sizes, ascending, at which the root is wanted. */
  roots: readonly number[];
  /** Whether the hashes of all leaves are wanted. */
  keep: boolean;
}

export interface Rebuilt {
  /** How far it got: the signed size, or where the first bundle was missing or broken. */
  size: number;
  /** Bytes of entries, their lengths counted. */
  bytes: number;
  /** The bundle that was missing or broken. */
  stopped?: TileFault;
  /** Root by size, hexadecimal. */
  roots: Map<number, string>;
  faults: TileFault[];
  compared: number;
  beyond: number;
  /** 32 bytes for each leaf, where they were wanted. */
  hashes: Uint8Array;
}

/** Rebuilds the tree of a log from its leaves, and compares every stored tile with it. */
export function rebuild(folder: Folder, plan: Plan, progress: (leaves: number) => void = () => {}): Rebuilt {
  const stored = new StoredTiles(folder, plan.size);
  const kept: Buffer[] = [];
  const levels = new Levels((level, n, width, bytes) => {
    stored.compare(level, n, width, bytes);
    if (level === 0 && plan.keep) kept.push(Buffer.from(bytes));
  });
  const roots = new Map<number, string>();
  let wanted = 0;
  const rootsReached = () => {
    for (; plan.roots[wanted] === levels.size; wanted += 1)
      roots.set(levels.size, Buffer.from(levels.root()).toString('hex'));
  };
  rootsReached();
  let bytes = 0;
  let stopped: TileFault | undefined;
  for (let n = 0; n < bundlesOf(plan.size) && !stopped; n += 1) {
    const leaves =
      plan.from === 'entries' ? readBundle(folder, n, plan.size) : readHashes(folder, n, plan.size);
    if ('fault' in leaves) {
      stopped = { where: leaves.where, what: leaves.fault };
      break;
    }
    bytes += leaves.bytes;
    if (plan.from === 'entries') stored.compareBundles(n, leaves.entries);
    const next = plan.roots[wanted] ?? Number.POSITIVE_INFINITY;
    const within = next <= levels.size + leaves.entries.length;
    for (const leaf of leaves.entries) {
      if (plan.from === 'entries') levels.append(leaf);
      else levels.appendHash(leaf);
      if (within) rootsReached();
    }
    progress(levels.size);
  }
  levels.edge((level, n, width, tile) => {
    if (!stopped) stored.compare(level, n, width, tile);
    if (level === 0 && plan.keep) kept.push(Buffer.from(tile));
  });
  const { faults, compared, beyond } = stored;
  return {
    size: levels.size,
    bytes,
    ...(stopped && { stopped }),
    roots,
    faults,
    compared,
    beyond,
    hashes: Uint8Array.from(Buffer.concat(kept)),
  };
}

function readHashes(folder: Folder, n: number, size: number) {
  const width = Math.min(TILE_WIDTH, size - n * TILE_WIDTH);
  const where = tilePath(0, n, width);
  const bytes =
    folder.read(where, TILE_WIDTH * HASH_BYTES) ?? folder.read(tilePath(0, n), TILE_WIDTH * HASH_BYTES);
  if (bytes === null) return { where, fault: 'is not there, though the signed size says that it has to be' };
  if (bytes.length < width * HASH_BYTES)
    return { where, fault: `has ${bytes.length} bytes, not ${width * HASH_BYTES}` };
  const entries = Array.from({ length: width }, (_, at) =>
    bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
  );
  return { entries, bytes: 0 };
}
