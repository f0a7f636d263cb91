import type { AuditEntry, Outcome } from './entry.ts';

/** An entry that took longer than this from what it tells to the trail was recorded late. */
export const LATE_MS = 60_000;

/** The value of the sparse column `late`. */
export const LATE = 'late';

/**
 * The columns by which entries are found, and all that a query looks at: every one of them follows from the entry, and nothing else is
 * indexed.
 */
export interface Columns {
  target: string;
  actor: string;
  action: string;
  /** The outcome, where it is not success. */
  exception?: Exclude<Outcome, 'success'>;
  code?: string;
  late?: typeof LATE;
  claimedAt: string;
  recordedAt: string;
}

export const columnsOf = (entry: AuditEntry): Columns => ({
  target: entry.target.id,
  actor: entry.actor.id,
  action: entry.action,
  ...(entry.outcome !== 'success' && { exception: entry.outcome }),
  ...(entry.code !== undefined && { code: entry.code }),
  ...(delayOf(entry) > LATE_MS && { late: LATE }),
  claimedAt: entry.claimedAt,
  recordedAt: entry.recordedAt,
});

/** Milliseconds from what an entry tells to the trail; negative where the clocks disagree. */
export const delayOf = ({ claimedAt, recordedAt }: Pick<AuditEntry, 'claimedAt' | 'recordedAt'>): number =>
  Date.parse(recordedAt) - Date.parse(claimedAt);
