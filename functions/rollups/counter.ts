import { STATUSES, type Status } from '../../shared/commitment/status.ts';

/** Named whole numbers of one group. Whatever depends on the date is counted by day, and summed up at reading time. */
export type Counters = Record<string, number>;

/** Names of counters. They stand in the table: a new measure takes a new name. */
export const COUNTER = {
  status: (status: Status) => `s:${status}`,
  undated: 'undated',
  unowned: 'unowned',
  slipped: 'slipped',
  progress: 'progress',
  waiting: 'waiting',
  events: 'events',
  /** The day after which it is overdue. */
  deadline: (day: string) => `d:${day}`,
  /** The first day on which it is stale. */
  staleFrom: (day: string) => `f:${day}`,
  /** Due on that day originally: + completed by it, − not. */
  original: (day: string, onTime: boolean) => `o${onTime ? '+' : '-'}:${day}`,
  /** Due on that day now. */
  current: (day: string, onTime: boolean) => `c${onTime ? '+' : '-'}:${day}`,
  currency: (currency: string) => `n:${currency}`,
  pledged: (currency: string) => `p:${currency}`,
  secured: (currency: string) => `q:${currency}`,
  /** How many name that amount under that key. */
  sharedPledged: (currency: string, amount: number, key: string) => `P:${currency}:${amount}:${key}`,
  sharedSecured: (currency: string, amount: number, key: string) => `Q:${currency}:${amount}:${key}`,
} as const;

/** A counter's name, read: its kind and what follows. */
export function readName(name: string): [kind: string, rest: string] {
  const colon = name.indexOf(':');
  return colon < 0 ? [name, ''] : [name.slice(0, colon), name.slice(colon + 1)];
}

/** How many commitments a group has: each has one status. */
export const sizeOf = (counters: Counters): number =>
  STATUSES.reduce((sum, status) => sum + (counters[COUNTER.status(status)] ?? 0), 0);
