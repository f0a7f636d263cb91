import type { Brief } from '../../shared/store/commitments.ts';
import { type Contribution, contributionOf, expand, type Totals } from './contribution.ts';
import { addTo } from './difference.ts';
import { awaited } from './group.ts';
import { reach } from './reach.ts';

/** The contribution of each commitment, from the whole list of them: what was not given counts as closed. */
export function contributions(briefs: ReadonlyMap<string, Brief>): Map<string, Contribution> {
  const standing = new Map([...briefs].map(([id, { card, head }]) => [id, awaited(card, head)]));
  const dependsOn = (id: string): string[] => briefs.get(id)?.card.dependsOn ?? [];
  return new Map(
    [...briefs].map(([id, { card, head }]) => {
      const open = reach(id, dependsOn).flatMap((other) => standing.get(other) ?? []);
      return [id, contributionOf(card, head, open)];
    }),
  );
}

/** The totals that contributions add up to. */
export function tally(all: Iterable<Contribution>): Totals {
  const totals: Totals = new Map();
  for (const contribution of all) addTo(totals, expand(contribution));
  return totals;
}
