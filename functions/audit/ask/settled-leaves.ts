import { keyOf } from '../../../shared/store/audit-entries.ts';
import type { LogBatches } from '../../../shared/store/log-batches.ts';
import type { LogCheckpoints } from '../../../shared/store/log-checkpoints.ts';
import type { Leaf, LeafPage, Leaves } from '../../../shared/store/log-leaves.ts';
import type { LogObjects } from '../../../shared/store/log-objects.ts';
import type { Range } from '../../../shared/store/log-plan.ts';
import { decodeBundle } from '../../../shared/tlog/bundle.ts';
import { leafHash } from '../../../shared/tlog/merkle.ts';
import { entriesPath, TILE_WIDTH, tileWidth } from '../../../shared/tlog/tiles.ts';
import { columnsOf } from '../../../shared/trail/columns.ts';
import type { AuditEntry } from '../../../shared/trail/entry.ts';
import { type Conditions, holds } from '../../../shared/trail/query.ts';

/** An index of DynamoDB shows an item some time after it was put, mostly within a second; nothing says how long it may take. */
const SETTLES_MS = 30_000;
/** As many of the newest leaves as are looked for elsewhere at most. */
const MOST = 8 * TILE_WIDTH;

export interface Surroundings {
  checkpoints: Pick<LogCheckpoints, 'newest'>;
  batches: Pick<LogBatches, 'indexAt'>;
  objects: Pick<LogObjects, 'get'>;
  /** Epoch milliseconds. */
  now(): number;
}

/** The leaves of a log, of which the newest are read from its bundles: the indexes may not show them all yet, and would not say so. */
export function settledLeaves(indexed: Leaves, around: Surroundings): Leaves {
  const { checkpoints, batches, objects, now } = around;

  /** From where on the indexes are not relied on, and how far the log goes. */
  async function edge(): Promise<Range> {
    const since = new Date(now() - SETTLES_MS).toISOString();
    const [first, { size }] = await Promise.all([batches.indexAt(since), checkpoints.newest()]);
    return { lo: Math.max(first ?? size, size - MOST), hi: size };
  }

  /** The leaves of a part of the edge; where a bundle is gone, what the indexes have. */
  async function fresh(range: Range, size: number): Promise<Leaf[]> {
    const first = Math.floor(range.lo / TILE_WIDTH);
    const numbers = Array.from({ length: Math.ceil(range.hi / TILE_WIDTH) - first }, (_, at) => first + at);
    const bundles = await Promise.all(
      numbers.map(async (n) => {
        const width = tileWidth(0, n, size);
        const bytes = await objects.get(entriesPath(n, width));
        const read = bytes && decodeBundle(bytes, width);
        return read?.ok ? read.entries.map((entry, at) => leafOf(entry, n * TILE_WIDTH + at)) : undefined;
      }),
    );
    if (bundles.includes(undefined)) return (await indexed.page({}, range, 'asc', MOST)).leaves;
    return bundles
      .flatMap((leaves) => leaves ?? [])
      .filter(({ index }) => index >= range.lo && index < range.hi);
  }

  async function split({ lo, hi }: Range, conditions: Conditions) {
    const { lo: settled, hi: size } = await edge();
    const old = { lo, hi: Math.min(hi, Math.max(lo, settled)) };
    const rest = { lo: old.hi, hi: Math.min(hi, size) };
    const leaves = rest.lo < rest.hi ? await fresh(rest, size) : [];
    return { old, newer: leaves.filter(({ columns }) => holds(conditions, columns)) };
  }

  return {
    async one(index) {
      const { newer } = await split({ lo: index, hi: index + 1 }, {});
      return newer[0] ?? indexed.one(index);
    },
    async page(conditions, range, order, limit) {
      const { old, newer } = await split(range, conditions);
      const older = (want: number) => indexed.page(conditions, old, order, want);
      return order === 'asc' ? ascending(older, newer, limit) : descending(older, newer, limit);
    },
    async count(conditions, range) {
      const { old, newer } = await split(range, conditions);
      return (await indexed.count(conditions, old)) + newer.length;
    },
  };
}

type Older = (want: number) => Promise<LeafPage>;

async function ascending(older: Older, newer: readonly Leaf[], limit: number): Promise<LeafPage> {
  const page = await older(limit);
  return page.next === null ? cut([...page.leaves, ...newer], limit) : page;
}

async function descending(older: Older, newer: readonly Leaf[], limit: number): Promise<LeafPage> {
  const first = newer.toReversed();
  if (first.length >= limit) return cut(first, limit, true);
  const { leaves, next } = await older(limit - first.length);
  return { leaves: [...first, ...leaves], next };
}

const cut = (leaves: readonly Leaf[], limit: number, more = leaves.length > limit): LeafPage => ({
  leaves: leaves.slice(0, limit),
  next: more ? (leaves[limit - 1]?.index ?? null) : null,
});

function leafOf(bytes: Uint8Array, index: number): Leaf {
  const entry = JSON.parse(Buffer.from(bytes).toString()) as AuditEntry;
  return { index, key: keyOf(entry), leaf: leafHash(bytes), columns: columnsOf(entry) };
}
