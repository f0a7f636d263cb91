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

/** The totals as they stand. The cost is that of the groups, however many commitments they hold. */
export async function standing({ rollups }: StandingDeps, { scopes, by, overAll }: Which): Promise<Found> {
  // First: what is applied after this may be in the groups already, but nothing is promised that isn't.
  const completeTo = await appliedIn(rollups, scopes);
  const asked = overAll ? [...scopes, ALL] : scopes;
  const lists = await Promise.all(asked.map((scope) => rollups.groups(scope, by)));
  const groups: Found['groups'] = new Map();
  for (const { value, counters } of lists.flat()) mergeInto(groups, value, counters);
  return { groups, completeTo };
}

async function appliedIn(rollups: StandingDeps['rollups'], scopes: string[]): Promise<Found['completeTo']> {
  const parts = await Promise.all(
    scopes.map(async (scope) => {
      const [[total], time] = await Promise.all([rollups.groups(scope, 'total'), rollups.newest(scope)]);
      return { events: total?.counters[COUNTER.events] ?? 0, time };
    }),
  );
  const times = parts.flatMap(({ time }) => time ?? []).sort();
  return { events: parts.reduce((sum, { events }) => sum + events, 0), time: times.at(-1) ?? null };
}

/** The same value in several responses is one group. */
export function mergeInto(groups: Found['groups'], value: string | null, counters: Counters): void {
  const merged = { ...groups.get(value) };
  for (const [name, amount] of Object.entries(counters)) merged[name] = (merged[name] ?? 0) + amount;
  groups.set(value, merged);
}
