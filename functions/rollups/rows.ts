import type { Framework } from '../../shared/commitment/schema.ts';
import { STATUSES, type Status } from '../../shared/commitment/status.ts';
import { type Counters, sizeOf } from './counter.ts';
import type { Dimension } from './group.ts';
import { type Row, report } from './report.ts';

const WITHOUT: Record<Dimension, string> = {
  total: 'All commitments',
  status: 'No status',
  indicator: 'No indicator',
  kpi: 'No KPI',
  area: 'No performance area',
  unit: 'No owner unit',
  system: 'No system',
  dueYear: 'No due date',
};

const STATUS_LABELS: Record<Status, string> = {
  draft: 'Draft',
  not_started: 'Not started',
  in_progress: 'In progress',
  reported_complete: 'Reported complete',
  verified_complete: 'Verified complete',
  closed_not_implemented: 'Closed, not implemented',
  superseded: 'Superseded',
};

/** The rows of one dimension: groups that hold commitments, in the order of the framework or of the alphabet, "none" last. */
export function rowsOf(
  by: Dimension,
  groups: ReadonlyMap<string | null, Counters>,
  frameworks: readonly Framework[],
  today: string,
): Row[] {
  const labels = labelsOf(by, frameworks);
  const always = by === 'total' || by === 'status' ? [...labels.keys()] : [];
  const places = new Map([...labels.keys()].map((key, index) => [key, index]));
  const placeOf = (key: string | null): number =>
    key === null ? Infinity : (places.get(key) ?? places.size);
  return [...new Set([...always, ...groups.keys()])]
    .filter((key) => (key !== null && always.includes(key)) || sizeOf(groups.get(key) ?? {}) > 0)
    .sort((a, b) => placeOf(a) - placeOf(b) || ((a ?? '') < (b ?? '') ? -1 : 1))
    .map((key) => ({
      key,
      label: key === null ? WITHOUT[by] : (labels.get(key) ?? key),
      ...report(groups.get(key) ?? {}, today),
    }));
}

/** Keys with a label of their own, in order; the first framework that knows one names it. */
function labelsOf(by: Dimension, frameworks: readonly Framework[]): Map<string, string> {
  const named: Partial<Record<Dimension, [string, string][]>> = {
    total: [['total', WITHOUT.total]],
    status: STATUSES.map((status) => [status, STATUS_LABELS[status]]),
    indicator: frameworks.flatMap(({ indicators }) =>
      indicators.map(({ id, label }) => [id, label] as [string, string]),
    ),
    kpi: frameworks.flatMap(({ kpis }) => kpis.map(({ id, name }) => [id, name] as [string, string])),
    area: frameworks.flatMap(({ areas }) => areas.map(({ id, name }) => [id, name] as [string, string])),
  };
  const labels = new Map<string, string>();
  for (const [key, label] of named[by] ?? []) if (!labels.has(key)) labels.set(key, label);
  return labels;
}
