import { type Condition, parseAlternatives } from './alternatives.ts';
import { type Candidate, isConsistent } from './consistency.ts';
import { type Guide, guideTo, type Leaf, leavesOf, type Membership } from './event-fields.ts';
import { isObject, type PatternError } from './value-test.ts';

type Clause = { readonly slot: number; readonly condition: Condition };

/** A pattern ready to match; make it once with `compilePattern` and keep it. */
export type CompiledPattern = {
  readonly guide: Guide;
  readonly slots: number;
  /** The event matches when one alternative does: all its clauses, in the order of the fields' names. */
  readonly alternatives: readonly (readonly Clause[])[];
};

/**
 * Compiles an EventBridge event pattern, given as parsed JSON. Never throws. Every mistake is named
 * with the place in the pattern (JSON pointer) and what to do.
 *
 * Operators: exact values, prefix, suffix, equals-ignore-case, wildcard, anything-but, numeric, exists,
 * cidr, `$or`. The rules are those of AWS's engine, github.com/aws/event-ruler, and its quirks where
 * a pattern written against EventBridge would notice them.
 */
export function compilePattern(
  pattern: unknown,
): { ok: true; pattern: CompiledPattern } | { ok: false; errors: PatternError[] } {
  const parsed = parseAlternatives(pattern);
  if (!parsed.ok) return parsed;
  const names = [...new Set(parsed.alternatives.flatMap((alternative) => [...alternative.keys()]))].sort();
  const slots = new Map(names.map((name, slot) => [name, slot]));
  const clauses = new Map<Condition, Clause>();
  for (const alternative of parsed.alternatives) {
    for (const [name, condition] of alternative) {
      clauses.set(condition, clauses.get(condition) ?? { slot: slots.get(name) ?? 0, condition });
    }
  }
  const alternatives = parsed.alternatives.map((alternative) =>
    [...alternative.values()]
      .flatMap((condition) => clauses.get(condition) ?? [])
      .sort((a, b) => a.slot - b.slot),
  );
  return { ok: true, pattern: { guide: guideTo(names), slots: names.length, alternatives } };
}

/** Does the event, given as parsed JSON, match? What is not a JSON object matches nothing. Never throws. */
export function matchesPattern({ guide, slots, alternatives }: CompiledPattern, event: unknown): boolean {
  if (!isObject(event)) return false;
  const { leaves, elements } = leavesOf(event, guide, slots);
  // Alternatives share their clauses, so each is answered once per event.
  const answer = remembered((clause: Clause) => candidate(clause, leaves[clause.slot] ?? []));
  return alternatives.some((clauses) => {
    const met = clauses.every((clause) => isMet(answer(clause), elements));
    return met && (!elements || isConsistent(clauses.map(answer)));
  });
}

function candidate({ condition: { absent, tests } }: Clause, leaves: readonly Leaf[]): Candidate {
  const passing = leaves.filter(({ value }) => tests.some((test) => test(value)));
  return { absent, chances: memberships(passing), present: memberships(leaves) };
}

/** With array elements in play, a field may be absent from the chosen element only: the search decides. */
const isMet = ({ absent, chances, present }: Candidate, elements: boolean): boolean =>
  chances.length > 0 || (absent && (elements || present.length === 0));

/** Values of one element share one membership object, so each element is tried once. */
const memberships = (leaves: readonly Leaf[]): readonly Membership[] => [
  ...new Set(leaves.map((leaf) => leaf.membership)),
];

function remembered<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    const value = known.get(key) ?? make(key);
    known.set(key, value);
    return value;
  };
}
