/** The statuses of a commitment, in the order of its life. */
export const STATUSES = [
  'draft',
  'not_started',
  'in_progress',
  'reported_complete',
  'verified_complete',
  'closed_not_implemented',
  'superseded',
] as const;
export type Status = (typeof STATUSES)[number];

const OPEN: readonly Status[] = ['draft', 'not_started', 'in_progress', 'reported_complete'];
const CLOSED: readonly Status[] = ['verified_complete', 'closed_not_implemented', 'superseded'];

export const isOpen = (status: Status): boolean => OPEN.includes(status);

/** What a response says of a promise, and the status it enters with. */
export const KINDS = ['planned', 'ongoing', 'done'] as const;
export type Kind = (typeof KINDS)[number];

export const FIRST_STATUS: Record<Kind, Status> = {
  planned: 'not_started',
  ongoing: 'in_progress',
  done: 'reported_complete',
};

export const REASON_CODES = [
  'no_longer_relevant',
  'not_feasible',
  'funding_not_secured',
  'risk_accepted',
  'duplicate',
  'other',
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** A way from one status to another: which step takes it, from where, to where. */
export interface Transition {
  step: Step;
  from: readonly Status[];
  to: Status;
}

export type Step = 'publish' | 'start' | 'claim' | 'verify' | 'return' | 'close' | 'supersede' | 'reopen';

/** The whole lifecycle. What is not in this table is not allowed. */
export const TRANSITIONS: readonly Transition[] = [
  { step: 'publish', from: ['draft'], to: 'not_started' },
  { step: 'start', from: ['not_started', 'in_progress'], to: 'in_progress' },
  { step: 'claim', from: ['not_started', 'in_progress'], to: 'reported_complete' },
  { step: 'verify', from: ['reported_complete'], to: 'verified_complete' },
  { step: 'return', from: ['reported_complete'], to: 'in_progress' },
  { step: 'close', from: OPEN, to: 'closed_not_implemented' },
  { step: 'supersede', from: OPEN, to: 'superseded' },
  { step: 'reopen', from: CLOSED, to: 'in_progress' },
];

/** The status that `step` leads to from `from`, or null where the table has no such way. */
export function transition(step: Step, from: Status): Status | null {
  const row = TRANSITIONS.find((candidate) => candidate.step === step);
  return row?.from.includes(from) ? row.to : null;
}
