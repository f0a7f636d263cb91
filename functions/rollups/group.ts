import type { Card, Head } from '../../shared/commitment/state.ts';
import { isOpen } from '../../shared/commitment/status.ts';
import { ALL, rollupGroupId, rollupGroupKey, rollupKeyOf, rollupValue } from '../../shared/store/keys.ts';

/** What commitments can be grouped by. */
export const DIMENSIONS = [
  'total',
  'status',
  'indicator',
  'kpi',
  'area',
  'unit',
  'system',
  'dueYear',
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** A group inside a response: its dimension and the value, null for the commitments that have none. */
export interface Group {
  by: Dimension;
  key: string | null;
}

/** Every group that a commitment is in: at least one of each dimension. */
export function groupsOf(card: Card, head: Head): Group[] {
  const values: Record<Dimension, readonly (string | null | undefined)[]> = {
    total: ['total'],
    status: [head.status],
    indicator: card.indicators,
    kpi: card.kpis,
    area: card.areas,
    unit: [card.unit],
    system: card.systems,
    dueYear: [head.due?.date?.slice(0, 4)],
  };
  return DIMENSIONS.flatMap((by) => {
    const keys = values[by].length > 0 ? values[by] : [null];
    return [...new Set(keys)].map((key) => ({ by, key: key ?? null }));
  });
}

/** Where a group's totals stand: `<response>#<by>/<sort key>`, with `all` for what counts over all responses only. */
export type GroupId = string;

export const groupId = (scope: string, { by, key }: Group): GroupId =>
  rollupGroupId(rollupGroupKey(scope, by, key));

export function readGroupId(id: GroupId): Group & { scope: string } {
  const { pk, sk } = rollupKeyOf(id);
  const [scope = '', by] = pk.split('#');
  return { scope, by: by as Dimension, key: rollupValue(sk) };
}

export const overAll = (group: Group): GroupId => groupId(ALL, group);

/** What those that depend on an open commitment have to know of it. */
export interface Awaited {
  response: string;
  groups: Group[];
}

/** Null for a closed commitment: nobody waits on it. */
export const awaited = (card: Card, head: Head): Awaited | null =>
  isOpen(head.status) ? { response: card.responseId, groups: groupsOf(card, head) } : null;
