import type { AuditEntry } from './entry.ts';

/** An entry that took longer than this from what it tells to the trail was recorded late. */
export const LATE_MS = 60_000;

/** Why an entry is told apart beside its outcome; the value of the sparse column `late`. */
const LATE = 'late';

/** The columns by which entries are found: all of them follow from the entry, and nothing else is indexed. */
export interface Columns {
  target: string;
  actor: string;
  action: string;
  /** The outcome, where it is not success. */
  exception?: string;
  late?: string;
}

export const columnsOf = (entry: AuditEntry): Columns => ({
  target: entry.target.id,
  actor: entry.actor.id,
  action: entry.action,
  ...(entry.outcome !== 'success' && { exception: entry.outcome }),
  ...(delayOf(entry) > LATE_MS && { late: LATE }),
});

/** Milliseconds from what an entry tells to the trail; negative where the clocks disagree. */
export const delayOf = ({ claimedAt, recordedAt }: AuditEntry): number =>
  Date.parse(recordedAt) - Date.parse(claimedAt);
