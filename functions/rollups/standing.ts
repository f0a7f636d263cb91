import { ALL } from '../../shared/store/keys.ts';
import type { Rollups } from '../../shared/store/rollups.ts';
import { COUNTER, type Counters } from './counter.ts';
import type { Dimension } from './group.ts';

export interface StandingDeps {
  rollups: Pick<Rollups, 'groups' | 'newest'>;
}

/** Which totals are asked for. */
export interface Which {
  /** The responses. */
  scopes: string[];
  by: Dimension;
  /** Whether they are all there are: then what waits across responses counts too. */
  overAll: boolean;
}

/** The groups of one dimension by their values, and what they rest on: so many events, the newest of them at that time (null for none). */
export interface Found {
  groups: Map<string | null, Counters>;
  completeTo: { events: number; time: string | null };
}

/** Groups that were read, and what had been applied and mended then. */
export type Kept = Map<string, { mark: string; groups: Found['groups'] }>;

const MOST_KEPT = 200;

/**
 * The totals as they stand. The cost is that of the groups, however many commitments they hold; and while nothing was applied or
 * mended since they were read, that of a look at the marks.
 */
export async function standing(
  { rollups }: StandingDeps,
  { scopes, by, overAll }: Which,
  kept: Kept,
): Promise<Found> {
  // First: what is applied after this may be in the groups already, but nothing is promised that isn't.
  const { completeTo, mark } = await appliedIn(rollups, scopes);
  const asked = overAll ? [...scopes, ALL] : scopes;
  const name = JSON.stringify([by, asked]);
  const known = kept.get(name);
  if (known?.mark === mark) return { groups: known.groups, completeTo };
  const lists = await Promise.all(asked.map((scope) => rollups.groups(scope, by)));
  const groups: Found['groups'] = new Map();
  for (const { value, counters } of lists.flat()) mergeInto(groups, value, counters);
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(name, { mark, groups });
  return { groups, completeTo };
}

/** How far the totals of these responses go, and a mark that changes with every batch that is applied and every rebuild that mends. */
async function appliedIn(
  rollups: StandingDeps['rollups'],
  scopes: string[],
): Promise<Pick<Found, 'completeTo'> & { mark: string }> {
  const parts = await Promise.all(
    scopes.map(async (scope) => {
      const [[total], { time, repairs }] = await Promise.all([
        rollups.groups(scope, 'total'),
        rollups.newest(scope),
      ]);
      return { total: total?.counters ?? {}, time, repairs };
    }),
  );
  const times = parts.flatMap(({ time }) => time ?? []).sort();
  const events = parts.reduce((sum, { total }) => sum + (total[COUNTER.events] ?? 0), 0);
  const mark = JSON.stringify(parts.map(({ total, repairs }) => [total, repairs]));
  return { completeTo: { events, time: times.at(-1) ?? null }, mark };
}

/** The same value in several responses is one group. */
export function mergeInto(groups: Found['groups'], value: string | null, counters: Counters): void {
  const merged = { ...groups.get(value) };
  for (const [name, amount] of Object.entries(counters)) merged[name] = (merged[name] ?? 0) + amount;
  groups.set(value, merged);
}
