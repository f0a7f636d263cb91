import type { AuditEntries, Stored } from '../../../shared/store/audit-entries.ts';
import { keyOf } from '../../../shared/store/audit-entries.ts';
import { pendingSk } from '../../../shared/store/keys.ts';
import type { LogCheckpoints } from '../../../shared/store/log-checkpoints.ts';
import { keyText, type LogItems } from '../../../shared/store/log-items.ts';
import { beyond, type Leaf, type Leaves } from '../../../shared/store/log-leaves.ts';
import type { LogTail, Queued } from '../../../shared/store/log-tail.ts';
import { leafHash, sameBytes } from '../../../shared/tlog/merkle.ts';
import type { AuditEntry } from '../../../shared/trail/entry.ts';
import { conditionsOf, matches, type Order, type TrailQuery } from '../../../shared/trail/query.ts';

/** What the trail is read with. */
export interface Trail {
  leaves: Leaves;
  checkpoints: LogCheckpoints;
  tail: LogTail;
  entries: Pick<AuditEntries, 'bytesAt'>;
  items: Pick<LogItems, 'of' | 'naming'>;
  /** The bytes of a leaf as the published log has them, for those whose row is gone or is not what was sequenced. */
  published(leaf: { index: number; leaf: Uint8Array }, size: number): Promise<string | undefined>;
}

/** The trail as it stood: so much of the log, and behind it what waited for its place up to a time (null: nothing of that). */
export interface View {
  size: number;
  until: string | null;
}

/** How far a reading is: after a leaf, or after a place in the line behind the log. */
export type Mark = { index: number } | { place: string };

/** An entry with its place in the log: null while it waits for one. */
export interface Shown extends Stored {
  index: number | null;
}

export interface ViewPage {
  entries: Shown[];
  /** Where the next page begins; null at the end. A page may be short, or empty, before the end. */
  next: Mark | null;
}

type Part = (
  trail: Trail,
  query: TrailQuery,
  view: View,
  after: Mark | null,
  want: number,
) => Promise<ViewPage>;

/** One page of what a query finds in a view: the log by its indices, and what waits behind it by time. */
export async function viewPage(
  trail: Trail,
  query: TrailQuery,
  view: View,
  after: Mark | null,
  limit: number,
): Promise<ViewPage> {
  const parts: Part[] = query.order === 'asc' ? [inLog, inTail] : [inTail, inLog];
  const begun = after !== null && 'place' in after === (query.order === 'asc');
  const entries: Shown[] = [];
  let from = after;
  for (const part of begun ? parts.slice(1) : parts) {
    // One more than asked tells whether there is a next page.
    const page = await part(trail, query, view, from, limit + 1 - entries.length);
    entries.push(...page.entries);
    if (entries.length > limit) return cut(entries, limit);
    if (page.next) return { entries, next: page.next };
    from = null;
  }
  return { entries, next: null };
}

/** The first entries, and the mark behind the last of them. */
export function cut(entries: readonly Shown[], limit: number): ViewPage {
  const shown = entries.slice(0, limit);
  const last = shown.at(-1);
  return { entries: shown, next: last ? markOf(last) : null };
}

const markOf = ({ index, entry }: Shown): Mark =>
  index === null ? { place: pendingSk(entry.recordedAt, keyOf(entry)) } : { index };

const inLog: Part = async (trail, query, { size }, after, want) => {
  const { from, to, order } = query;
  const range = await trail.checkpoints.within({ lo: 0, hi: size }, from, to);
  const rest = after && 'index' in after ? beyond(range, after.index, order) : range;
  const page = await trail.leaves.page(conditionsOf(query), rest, order, want);
  const found = await entriesOf(trail, page.leaves, size);
  const next = page.next === null ? null : { index: page.next };
  return { entries: found.filter(({ entry }) => matches(query, entry)), next };
};

/** The entries of leaves, each with the bytes that were sequenced, whatever became of its row. */
export async function entriesOf(
  { entries, published }: Pick<Trail, 'entries' | 'published'>,
  leaves: readonly Leaf[],
  size: number,
): Promise<(Shown & { index: number })[]> {
  const stored = await entries.bytesAt(leaves.map(({ key }) => key));
  const shown = await Promise.all(
    leaves.map(async (leaf) => {
      const row = stored.get(keyText(leaf.key));
      const holds = row !== undefined && sameBytes(leafHash(Buffer.from(row)), leaf.leaf);
      const bytes = holds ? row : await published(leaf, size);
      return bytes === undefined
        ? []
        : [{ index: leaf.index, entry: JSON.parse(bytes) as AuditEntry, bytes }];
    }),
  );
  return shown.flat();
}

/** As many as are looked at in one page of those who wait. */
const LINE = 500;
/** Sort before and behind every place that begins with a time. */
const FIRST = '0';
const LAST = '~';

/** What waited when the reading began. Some of it has its place in the log by now: it is shown as it was then. */
const inTail: Part = async (trail, query, { size, until }, mark, want) => {
  if (until === null) return { entries: [], next: null };
  const { order, from = FIRST, to } = query;
  const place = mark && 'place' in mark ? mark.place : undefined;
  const after = order === 'asc' && place !== undefined ? place : from;
  const before = order === 'desc' && place !== undefined ? place : least(`${until}${LAST}`, to);
  if (after >= before) return { entries: [], next: null };
  const { queued, rest } = await trail.tail.between(after, before, order, LINE);
  // In this order: what leaves the line meanwhile has its place by the time that the log is looked at.
  const placed = await trail.items.of(queued.map(({ key }) => key));
  const waiting = queued.filter(({ key }) => (placed.get(keyText(key))?.index ?? size) >= size);
  const since = (await placedSince(trail, size, until)).filter(
    ({ place }) => place > after && place < before,
  );
  const line = inOrder([...waiting, ...since], order);
  const end = rest ? queued.at(-1)?.place : undefined;
  const within = end === undefined ? line : line.filter(({ place }) => isUpTo(place, end, order));
  return show(trail, query, within, want, end);
};

const least = (one: string, other: string | undefined): string =>
  other === undefined || one < other ? one : other;

const isUpTo = (place: string, end: string, order: Order): boolean =>
  order === 'asc' ? place <= end : place >= end;

/** Those who had their place in the log only after it had this size, and were in line at that time. */
async function placedSince({ leaves, checkpoints }: Trail, size: number, until: string): Promise<Queued[]> {
  const newest = await checkpoints.newest();
  const later = new Date(Date.parse(until) + 1).toISOString();
  let range = await checkpoints.within({ lo: size, hi: newest.size }, undefined, later);
  const found: Queued[] = [];
  while (range.lo < range.hi) {
    const page = await leaves.page({}, range, 'asc', 1000);
    for (const { key, columns } of page.leaves)
      if (columns.recordedAt <= until) found.push({ place: pendingSk(columns.recordedAt, key), key });
    if (page.next === null) break;
    range = beyond(range, page.next, 'asc');
  }
  return found;
}

function inOrder(line: readonly Queued[], order: Order): Queued[] {
  const byPlace = new Map(line.map((queued) => [queued.place, queued]));
  const sorted = [...byPlace.values()].sort((one, other) => (one.place < other.place ? -1 : 1));
  return order === 'asc' ? sorted : sorted.reverse();
}

async function show(
  trail: Pick<Trail, 'entries'>,
  query: TrailQuery,
  line: readonly Queued[],
  want: number,
  end: string | undefined,
): Promise<ViewPage> {
  const entries: Shown[] = [];
  for (let at = 0; at < line.length && entries.length < want; at += 100) {
    const some = line.slice(at, at + 100);
    const stored = await trail.entries.bytesAt(some.map(({ key }) => key));
    for (const { key } of some) {
      const bytes = stored.get(keyText(key));
      if (bytes === undefined) continue;
      const entry = JSON.parse(bytes) as AuditEntry;
      if (matches(query, entry)) entries.push({ index: null, entry, bytes });
    }
  }
  return { entries, next: end === undefined ? null : { place: end } };
}
