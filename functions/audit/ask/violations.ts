import { beyond, type Leaf } from '../../../shared/store/log-leaves.ts';
import type { Range } from '../../../shared/store/log-plan.ts';
import { breaks, type Duty } from '../../../shared/trail/duties.ts';
import type { Conditions } from '../../../shared/trail/query.ts';
import { entriesOf, type Shown, type Trail } from './view.ts';

type InLog = Shown & { index: number };

export interface Violation {
  first: InLog;
  second: InLog;
}

/** As many leaves as are held against each other for one answer. */
const MOST = 200_000;
/** As many entries as are read on a suspicion. */
const SUSPECTS = 5000;

/**
 * What broke a duty: each entry that came second, with the one that it may not stand beside. The places of both kinds are joined by
 * actor and target, and only what meets is read. Null where that is too much for one answer.
 * @param conditions the target of both, and when the second was recorded.
 * @param range where the second stands.
 */
export async function violationsOf(
  trail: Trail,
  duty: Duty,
  conditions: Conditions,
  range: Range,
  size: number,
): Promise<Violation[] | null> {
  const { target } = conditions;
  const firsts = { ...(target !== undefined && { target }), ...doneBy(duty.first.actions) };
  const seconds = { ...conditions, ...doneBy(duty.second.actions) };
  const whole = { lo: 0, hi: size };
  const [few, many] = await Promise.all([
    trail.leaves.count(firsts, whole),
    trail.leaves.count(seconds, range),
  ]);
  if (few + many > MOST) return null;
  const met = new Set<string>();
  const key = ({ columns }: Leaf) =>
    duty.same === 'actor' ? columns.actor : `${columns.actor} ${columns.target}`;
  const those = await all(trail, firsts, whole, () => true);
  for (const leaf of those) met.add(key(leaf));
  const suspects = await all(trail, seconds, range, (leaf) => met.has(key(leaf)));
  const keys = new Set(suspects.map(key));
  const others = those.filter((leaf) => keys.has(key(leaf)));
  if (suspects.length + others.length > SUSPECTS) return null;
  const entries = await entriesOf(trail, [...others, ...suspects], size);
  const before = entries.slice(0, others.length);
  return entries.slice(others.length).flatMap((second) => {
    const first = before.find((candidate) => breaks(duty, candidate, second));
    return first ? [{ first, second }] : [];
  });
}

const doneBy = (actions: readonly string[]): Conditions => ({ actions, outcomes: ['success'] });

async function all(
  { leaves }: Trail,
  conditions: Conditions,
  range: Range,
  keep: (leaf: Leaf) => boolean,
): Promise<Leaf[]> {
  const kept: Leaf[] = [];
  for (let rest = range; rest.lo < rest.hi; ) {
    const page = await leaves.page(conditions, rest, 'asc', 1000);
    kept.push(...page.leaves.filter(keep));
    if (page.next === null) break;
    rest = beyond(rest, page.next, 'asc');
  }
  return kept;
}
