import type { Commitments } from '../../shared/store/commitments.ts';
import type { Events } from '../../shared/store/events.ts';
import { ALL } from '../../shared/store/keys.ts';
import { readGroupId } from './group.ts';
import { foldAll } from './history.ts';
import { withDependencies } from './reach.ts';
import { type Found, mergeInto, type Which } from './standing.ts';
import { contributions, tally } from './tally.ts';

export interface PastDeps {
  commitments: Pick<Commitments, 'ofResponse'>;
  events: Pick<Events, 'all'>;
}

/** The totals as they stood: the events of every commitment up to then, folded, and counted by the functions that count what stands. */
export async function past(
  { commitments, events }: PastDeps,
  { scopes, by, overAll }: Which,
  asAt: string,
): Promise<Found> {
  const lists = await Promise.all(scopes.map((scope) => commitments.ofResponse(scope)));
  const inside = new Set(lists.flat().map(({ card }) => card.id));
  const briefs = await withDependencies([...inside], (ids) =>
    foldAll(
      events,
      ids.map((id) => ({ id, time: asAt })),
    ),
  );
  const counted = [...contributions(briefs)].flatMap(([id, each]) => (inside.has(id) ? [each] : []));
  const asked = new Set(overAll ? [...scopes, ALL] : scopes);
  const groups: Found['groups'] = new Map();
  for (const [id, counters] of tally(counted)) {
    const group = readGroupId(id);
    if (group.by === by && asked.has(group.scope)) mergeInto(groups, group.key, counters);
  }
  const heads = [...briefs].flatMap(([id, { head }]) => (inside.has(id) ? [head] : []));
  const times = heads.map(({ updatedAt }) => updatedAt).sort();
  return {
    groups,
    completeTo: { events: heads.reduce((sum, { version }) => sum + version, 0), time: times.at(-1) ?? null },
  };
}
