import type { Head } from '../../../shared/store/log-head.ts';
import type { LogObjects } from '../../../shared/store/log-objects.ts';
import { decodeBundle, encodeBundle } from '../../../shared/tlog/bundle.ts';
import { HASH_BYTES, leafHash, rootAt, sameBytes } from '../../../shared/tlog/merkle.ts';
import { growTiles, type TileBytes } from '../../../shared/tlog/tile-growth.ts';
import {
  edgeTiles,
  entriesPath,
  newBundles,
  TILE_WIDTH,
  type Tile,
  tilePath,
  tileReader,
} from '../../../shared/tlog/tiles.ts';
import { refused, type Sequencer } from './sequencer.ts';

const OCTETS = 'application/octet-stream';

/** What a batch adds to the log. */
export interface Growth {
  leaves: Uint8Array[];
  tiles: TileBytes[];
  bundles: { path: string; bytes: Uint8Array }[];
}

/**
 * The tiles and bundles that a batch adds, out of those that the log ends with. What was published and what is about to be have to make
 * the roots that were signed.
 * @param root the signed root of what is published; null where nothing is.
 * @throws LogRefused
 */
export async function growLog(
  head: Head,
  root: Uint8Array | null,
  entries: readonly Uint8Array[],
  deps: Sequencer,
): Promise<Growth> {
  const { published: first, size } = head;
  const edge = await Promise.all(
    edgeTiles(first).map(async (tile) => ({
      ...tile,
      bytes: await standing(tilePath(tile.level, tile.n, tile.width)),
    })),
  );
  if (root && !(await isRootOf(first, edge, root)))
    throw await refused('tile-altered', head, { at: first }, deps);
  const before = await firstBundle();
  const leaves = entries.map(leafHash);
  const { tiles, edge: after } = growTiles(first, edge, leaves);
  if (first + leaves.length !== size || !(await isRootOf(size, after, head.root)))
    throw await refused('staged-altered', head, {}, deps);
  const all = [...before, ...entries];
  const offset = first - before.length;
  const bundles = newBundles(first, size).map(({ n, width }) => ({
    path: entriesPath(n, width),
    bytes: encodeBundle(all.slice(n * TILE_WIDTH - offset, n * TILE_WIDTH - offset + width)),
  }));
  return { leaves, tiles, bundles };

  async function standing(path: string): Promise<Uint8Array> {
    const bytes = await deps.objects.get(path);
    if (bytes) return bytes;
    throw await refused('tile-missing', head, { at: first, found: path }, deps);
  }

  /** The entries of the bundle that the log ends with: the next ones go behind them. */
  async function firstBundle(): Promise<Uint8Array[]> {
    const width = first % TILE_WIDTH;
    if (width === 0) return [];
    const path = entriesPath(Math.floor(first / TILE_WIDTH), width);
    const decoded = decodeBundle(await standing(path), width);
    const hashes = edge.find(({ level }) => level === 0)?.bytes ?? new Uint8Array();
    const holds =
      decoded.ok &&
      decoded.entries.every((entry, at) =>
        sameBytes(leafHash(entry), hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)),
      );
    if (!decoded.ok || !holds) throw await refused('tile-altered', head, { at: first, found: path }, deps);
    return decoded.entries;
  }
}

async function isRootOf(size: number, edge: readonly TileBytes[], root: Uint8Array): Promise<boolean> {
  const read = ({ level }: Tile) => edge.find((tile) => tile.level === level)?.bytes ?? new Uint8Array();
  try {
    return sameBytes(await rootAt(size, tileReader(size, read)), root);
  } catch {
    return false;
  }
}

/** Bundles first: whoever sees a tile finds its entries. */
export async function publishTiles(head: Head, { bundles, tiles }: Growth, deps: Sequencer): Promise<void> {
  const put = ({ path, bytes }: { path: string; bytes: Uint8Array }) =>
    putSame(path, bytes, OCTETS, head, deps);
  await Promise.all(bundles.map(put));
  await Promise.all(
    tiles.map(({ level, n, width, bytes }) => put({ path: tilePath(level, n, width), bytes })),
  );
}

/** Puts an object, or finds that it stands already. @throws LogRefused where something else does. */
async function putSame(
  path: string,
  bytes: Uint8Array,
  type: string,
  head: Head,
  deps: Sequencer,
): Promise<void> {
  if (await deps.objects.putNew(path, bytes, type)) return;
  const there = await deps.objects.get(path);
  if (!there || !sameBytes(there, bytes)) throw await refused('object-altered', head, { found: path }, deps);
}

/** Reads the hashes of a log as it is after a batch, whose own tiles are at hand. */
export function hashesOf(size: number, { tiles }: Growth, objects: Pick<LogObjects, 'get'>) {
  const own = new Map(tiles.map((tile) => [tilePath(tile.level, tile.n, tile.width), tile.bytes]));
  return tileReader(size, async ({ level, n, width }) => {
    const path = tilePath(level, n, width);
    return own.get(path) ?? (await objects.get(path)) ?? new Uint8Array();
  });
}
