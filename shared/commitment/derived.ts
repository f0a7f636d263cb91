import { addDays, dayOf, daysBetween } from './dates.ts';
import type { Card, Head } from './state.ts';
import { isOpen, type Status } from './status.ts';

/** No update for this many days makes an open commitment stale. */
const STALE_AFTER_DAYS = 90;
/** A due date this near, or nearer, is due soon. */
const DUE_SOON_DAYS = 30;

export interface Derived {
  overdue: boolean;
  daysOverdue: number;
  dueSoon: boolean;
  stale: boolean;
  undated: boolean;
  unowned: boolean;
  blocked: boolean;
  /** How many extensions were requested. */
  extensions: number;
  /** Days from the original to the current due date. */
  daysSlipped: number;
}

/**
 * The facts that nobody types, on the day `today` (YYYY-MM-DD, UTC).
 * `dependencies` holds the statuses of the commitments it directly depends on.
 */
export function derive(card: Card, head: Head, dependencies: Iterable<Status>, today: string): Derived {
  const deadline = deadlineOf(head);
  const overdue = deadline !== null && deadline < today;
  return {
    overdue,
    daysOverdue: overdue ? daysBetween(deadline, today) : 0,
    dueSoon: deadline !== null && deadline >= today && daysBetween(today, deadline) <= DUE_SOON_DAYS,
    stale: isOpen(head.status) && staleFrom(card, head) <= today,
    undated: isUndated(head),
    unowned: card.unit === null,
    blocked: [...dependencies].some(isUnfinished),
    extensions: head.extensions,
    daysSlipped: daysSlipped(head),
  };
}

/** The day after which it is overdue; null where nothing can be overdue any more (or yet). */
export function deadlineOf(head: Head): string | null {
  const { due, status } = head;
  if (!due?.date || !isOpen(status) || status === 'reported_complete') return null;
  return due.kind === 'start' && status !== 'not_started' ? null : due.date;
}

/** The first day on which it is stale unless someone reports: 90 days after the last update, or after registration. */
export const staleFrom = (card: Card, head: Head): string =>
  addDays(dayOf(head.reportedAt ?? card.createdAt), STALE_AFTER_DAYS);

export const isUndated = (head: Head): boolean => !head.due?.date && head.due?.kind !== 'recurring';

/** A dependency in this status blocks. */
const isUnfinished = (status: Status): boolean => isOpen(status) && status !== 'reported_complete';

export const daysSlipped = (head: Head): number =>
  head.due?.date && head.originalDue?.date ? daysBetween(head.originalDue.date, head.due.date) : 0;
