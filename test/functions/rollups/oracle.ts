import { dayOf, daysBetween } from '../../../shared/commitment/dates.ts';
import { derive } from '../../../shared/commitment/derived.ts';
import type { Commitment } from '../../../shared/commitment/state.ts';
import { isOpen, STATUSES } from '../../../shared/commitment/status.ts';

/** The contract's rows by plain recounting over the list of commitments: slow, and nothing of the product's counting in it. */
export function recount(all: Commitment[], response: string | null, by: string, time: string) {
  const today = dayOf(time);
  const inside = all.filter(({ card }) => response === null || card.responseId === response);
  const keys = new Set(inside.flatMap((commitment) => keysOf(commitment, by)));
  if (by === 'status') for (const status of STATUSES) keys.add(status);
  if (by === 'total') keys.add('total');
  const rows = [...keys].map((key) => {
    const group = inside.filter((commitment) => keysOf(commitment, by).includes(key));
    return { key, ...measure(group, today), waiting: waiting(all, inside, group, by, key) };
  });
  return new Map(rows.map((row) => [row.key, row]));
}

function keysOf({ card, head }: Commitment, by: string): (string | null)[] {
  const or = (list: string[]): (string | null)[] => (list.length > 0 ? list : [null]);
  if (by === 'total') return ['total'];
  if (by === 'status') return [head.status];
  if (by === 'indicator') return or(card.indicators);
  if (by === 'kpi') return or(card.kpis);
  if (by === 'area') return or(card.areas);
  if (by === 'unit') return [card.unit];
  if (by === 'system') return or(card.systems);
  return [head.due?.date ? head.due.date.slice(0, 4) : null];
}

function measure(group: Commitment[], today: string) {
  const derived = group.map(({ card, head }) => derive(card, head, [], today));
  const late = derived.filter(({ overdue }) => overdue).map(({ daysOverdue }) => daysOverdue);
  const between = (from: number, to: number): number =>
    late.filter((days) => days >= from && days <= to).length;
  const progress = group.map(({ head }) =>
    head.status === 'verified_complete' ? 100 : (head.progress ?? 0),
  );
  return {
    total: group.length,
    byStatus: Object.fromEntries(
      STATUSES.map((status) => [status, group.filter(({ head }) => head.status === status).length]),
    ),
    verified: group.filter(({ head }) => head.status === 'verified_complete').length,
    overdue: late.length,
    overdueByAge: {
      '1-30': between(1, 30),
      '31-90': between(31, 90),
      '91-180': between(91, 180),
      '181+': between(181, Infinity),
    },
    undated: derived.filter(({ undated }) => undated).length,
    unowned: derived.filter(({ unowned }) => unowned).length,
    stale: derived.filter(({ stale }) => stale).length,
    onTimeRate: onTime(group, today, ({ head }) => head.originalDue?.date),
    onTimeRateCurrent: onTime(group, today, ({ head }) => head.due?.date),
    daysSlipped: group.reduce((sum, { head }) => {
      const [original, current] = [head.originalDue?.date, head.due?.date];
      return original && current ? sum + daysBetween(original, current) : sum;
    }, 0),
    averageProgress: group.length === 0 ? null : progress.reduce((sum, each) => sum + each, 0) / group.length,
    amounts: amounts(group),
  };
}

function onTime(
  group: Commitment[],
  today: string,
  dueOf: (commitment: Commitment) => string | null | undefined,
) {
  const due = group.filter((commitment) => {
    const date = dueOf(commitment);
    return date && date < today;
  });
  const kept = due.filter((commitment) => {
    const { status, claimedOn } = commitment.head;
    return status === 'verified_complete' && claimedOn && claimedOn <= (dueOf(commitment) as string);
  });
  return due.length === 0 ? null : kept.length / due.length;
}

function amounts(group: Commitment[]) {
  const all = group.flatMap(({ head }) => head.amounts);
  return [...new Set(all.map(({ currency }) => currency))].sort().map((currency) => {
    const of = all.filter((amount) => amount.currency === currency);
    const single = of.filter(({ sharedKey }) => sharedKey === undefined);
    const shared = [...new Set(of.flatMap(({ sharedKey }) => sharedKey ?? []))].map((key) =>
      of.filter(({ sharedKey }) => sharedKey === key),
    );
    const total = (pick: 'amount' | 'secured'): number =>
      single.reduce((sum, amount) => sum + amount[pick], 0) +
      shared.reduce((sum, same) => sum + Math.max(...same.map((amount) => amount[pick])), 0);
    return { currency, pledged: total('amount'), secured: total('secured') };
  });
}

function waiting(
  all: Commitment[],
  inside: Commitment[],
  group: Commitment[],
  by: string,
  key: string | null,
): number {
  const open = new Set(group.filter(({ head }) => isOpen(head.status)).map(({ card }) => card.id));
  const byId = new Map(all.map((commitment) => [commitment.card.id, commitment]));
  return inside.filter(({ card, head }) => {
    if (!isOpen(head.status)) return false;
    if (by === 'system' && key !== null && card.systems.includes(key)) return true;
    return [...reached(byId, card.id)].some((id) => id !== card.id && open.has(id));
  }).length;
}

function reached(byId: Map<string, Commitment>, from: string, found: Set<string> = new Set()): Set<string> {
  for (const id of byId.get(from)?.card.dependsOn ?? []) if (!found.has(id)) reached(byId, id, found.add(id));
  return found;
}
