import { daysBetween } from '../../shared/commitment/dates.ts';
import { STATUSES, type Status } from '../../shared/commitment/status.ts';
import { amountsOf } from './amounts.ts';
import { COUNTER, type Counters, readName, sizeOf } from './counter.ts';

const AGES = ['1-30', '31-90', '91-180', '181+'] as const;
type Age = (typeof AGES)[number];

/** One row of the answer. Rates are shares from 0 to 1; what would divide by nothing is null. */
export interface Row {
  key: string | null;
  label: string;
  total: number;
  byStatus: Record<Status, number>;
  verified: number;
  overdue: number;
  overdueByAge: Record<Age, number>;
  undated: number;
  unowned: number;
  stale: number;
  waiting: number;
  onTimeRate: number | null;
  onTimeRateCurrent: number | null;
  daysSlipped: number;
  averageProgress: number | null;
  amounts: { currency: string; pledged: number; secured: number }[];
}

/** What a group's counters say on the day `today` (YYYY-MM-DD). */
export function report(counters: Counters, today: string): Omit<Row, 'key' | 'label'> {
  const total = sizeOf(counters);
  const byStatus = Object.fromEntries(
    STATUSES.map((status) => [status, counters[COUNTER.status(status)] ?? 0]),
  ) as Record<Status, number>;
  const overdueByAge: Record<Age, number> = { '1-30': 0, '31-90': 0, '91-180': 0, '181+': 0 };
  const past: Record<string, number> = {};
  let stale = 0;
  for (const [name, value] of Object.entries(counters)) {
    const [kind, day] = readName(name);
    if (kind === 'd' && day < today) overdueByAge[ageOf(daysBetween(day, today))] += value;
    else if (kind === 'f' && day <= today) stale += value;
    else if (DUE.has(kind) && day < today) past[kind] = (past[kind] ?? 0) + value;
  }
  return {
    total,
    byStatus,
    verified: byStatus.verified_complete,
    overdue: AGES.reduce((sum, age) => sum + overdueByAge[age], 0),
    overdueByAge,
    undated: counters[COUNTER.undated] ?? 0,
    unowned: counters[COUNTER.unowned] ?? 0,
    stale,
    waiting: counters[COUNTER.waiting] ?? 0,
    onTimeRate: rate(past['o+'], past['o-']),
    onTimeRateCurrent: rate(past['c+'], past['c-']),
    daysSlipped: counters[COUNTER.slipped] ?? 0,
    averageProgress: total === 0 ? null : (counters[COUNTER.progress] ?? 0) / total,
    amounts: amountsOf(counters),
  };
}

const DUE = new Set(['o+', 'o-', 'c+', 'c-']);

const ageOf = (days: number): Age =>
  days <= 30 ? '1-30' : days <= 90 ? '31-90' : days <= 180 ? '91-180' : '181+';

const rate = (kept = 0, missed = 0): number | null => (kept + missed === 0 ? null : kept / (kept + missed));
