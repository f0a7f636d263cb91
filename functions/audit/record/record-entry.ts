import { type AuditEntries, keyOf } from '../../../shared/store/audit-entries.ts';
import type { LogItems } from '../../../shared/store/log-items.ts';
import type { LogPending } from '../../../shared/store/log-pending.ts';
import type { AuditEntry } from '../../../shared/trail/entry.ts';

export interface Taker {
  entries: Pick<AuditEntries, 'put'>;
  items: Pick<LogItems, 'of'>;
  pending: Pick<LogPending, 'put'>;
}

/** Takes an entry into the trail, and marks it for the log. Answers what stood in its place already, untouched. */
export async function takeEntry(entry: AuditEntry, deps: Taker): Promise<AuditEntry | null> {
  const standing = await deps.entries.put(entry);
  if (standing) await markEntry(standing, deps);
  else await deps.pending.put(keyOf(entry), entry.recordedAt);
  return standing;
}

/** Marks an entry that stands, unless it has its place in the log: whoever put it may have stopped before it was marked. */
export async function markEntry(
  entry: AuditEntry,
  { items, pending }: Pick<Taker, 'items' | 'pending'>,
): Promise<void> {
  const key = keyOf(entry);
  const placed = await items.of([key]);
  if (placed.size === 0) await pending.put(key, entry.recordedAt);
}
