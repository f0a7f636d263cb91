import type { Membership } from './event-fields.ts';

/**
 * What one condition leaves open: `chances` are the array elements in which a value of the field passes,
 * `present` those in which the field has any value; `absent` says that having none will do.
 */
export type Candidate = {
  readonly absent: boolean;
  readonly chances: readonly Membership[];
  readonly present: readonly Membership[];
};

/** The element chosen in each array so far. */
type Chosen = ReadonlyMap<number, number>;

/**
 * Is there one choice of array elements that serves every candidate? Two fields under one array must
 * come from the same element of it.
 *
 * The order of the candidates (of their fields' names) matters, as it does in the engine: a field is
 * absent when no element that the fields *before* it left possible has it.
 */
export function isConsistent(candidates: readonly Candidate[]): boolean {
  const relevant = relevantArrays(candidates);
  // What can follow depends only on the position and on the elements chosen in arrays that still
  // matter; remembering what failed keeps the search from being exponential.
  const failed = new Set<string>();

  const follow = (position: number, chosen: Chosen): boolean => {
    const candidate = candidates[position];
    if (candidate === undefined) return true;
    const key = `${position} ${[...chosen].filter(([array]) => relevant[position]?.has(array)).sort((a, b) => a[0] - b[0])}`;
    if (failed.has(key)) return false;
    if (candidate.absent && !candidate.present.some((membership) => join(chosen, membership) !== undefined)) {
      if (follow(position + 1, chosen)) return true;
    }
    for (const membership of candidate.chances) {
      const joined = join(chosen, membership);
      if (joined !== undefined && follow(position + 1, joined)) return true;
    }
    failed.add(key);
    return false;
  };

  return follow(0, new Map());
}

/** The choice with the membership's elements added, or undefined where they contradict it. */
function join(chosen: Chosen, membership: Membership): Chosen | undefined {
  let joined: Map<number, number> | undefined;
  for (let link = membership; link !== undefined; link = link.outer) {
    const element = chosen.get(link.array);
    if (element === undefined) {
      joined ??= new Map(chosen);
      joined.set(link.array, link.element);
    } else if (element !== link.element) {
      return undefined;
    }
  }
  return joined ?? chosen;
}

/** For each position the arrays that its candidate or a later one stands in. */
function relevantArrays(candidates: readonly Candidate[]): ReadonlySet<number>[] {
  const sets: Set<number>[] = [];
  let later = new Set<number>();
  for (const { chances, present } of candidates.toReversed()) {
    later = new Set(later);
    for (const membership of [...chances, ...present]) {
      for (let link = membership; link !== undefined; link = link.outer) later.add(link.array);
    }
    sets.unshift(later);
  }
  return sets;
}
