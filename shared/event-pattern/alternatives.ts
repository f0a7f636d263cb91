import { type Entry, parseEntry } from './operators.ts';
import {
  below,
  isObject,
  type JsonObject,
  type PatternError,
  type Report,
  type ValueTest,
} from './value-test.ts';

/** What one field must satisfy: it is missing (where `absent`), or a value of it passes one test. */
export type Condition = { readonly absent: boolean; readonly tests: readonly ValueTest[] };

/** One way to match: every named field satisfies its condition. Names are paths joined with dots. */
type Alternative = ReadonlyMap<string, Condition>;

/** EventBridge refuses an event pattern with more rule combinations than this. */
const MAX_COMBINATIONS = 1_000;
/** The engine's greatest number of fields in one combination. */
const MAX_FIELDS = 256;
/** The nesting that the engine's JSON parser allows by default. */
const MAX_DEPTH = 1_000;

/** Enough to mend a pattern by hand; what lies beyond shows when these are mended. */
const MAX_ERRORS = 100;

/** Names the engine keeps for operators, present and future: an `$or` branch that has one makes `$or` a field name. */
const reserved = new Set(
  (
    'exactly equals-ignore-case prefix suffix anything-but exists wildcard numeric cidr = < <= > >= regex ' +
    'not-wildcard not-equals-ignore-case date-after date-on-or-after date-before date-on-or-before ' +
    'in-date-range ip-address-in-range ip-address-not-in-range'
  ).split(' '),
);

/** `plain`: `$or` is an ordinary field name. */
type Reading = { readonly plain: boolean; readonly report: Report; full: boolean };
type Place = {
  readonly name: string | undefined;
  readonly pointer: string;
  readonly inOr: boolean;
  readonly depth: number;
};
type Draft = Map<string, Condition>[];

/**
 * The alternatives of a pattern. Where `$or` can't be read as the operator, the whole pattern is read
 * again with `$or` as a field name, as the engine does; the errors are those of the first reading.
 */
export function parseAlternatives(
  pattern: unknown,
): { ok: true; alternatives: readonly Alternative[] } | { ok: false; errors: PatternError[] } {
  const operator = read(pattern, false);
  if (operator.errors.length === 0) return { ok: true, alternatives: operator.alternatives };
  if (!operator.full) {
    const field = read(pattern, true);
    if (field.errors.length === 0) return { ok: true, alternatives: field.alternatives };
  }
  return { ok: false, errors: operator.errors };
}

function read(pattern: unknown, plain: boolean) {
  const errors: PatternError[] = [];
  const reading: Reading = {
    plain,
    full: false,
    report: (pointer, detail) => {
      if (errors.length < MAX_ERRORS) errors.push({ pointer, detail });
      return undefined;
    },
  };
  const alternatives: Draft = [];
  if (isObject(pattern)) {
    readObject(pattern, alternatives, { name: undefined, pointer: '', inOr: false, depth: 1 }, reading);
  } else {
    reading.report('', 'An event pattern is a JSON object, such as {"source": ["followthrough"]}.');
  }
  if (alternatives.some((alternative) => alternative.size > MAX_FIELDS)) {
    reading.report('', `Name at most ${MAX_FIELDS} fields in one pattern.`);
  }
  return { alternatives, errors, full: reading.full };
}

function readObject(object: JsonObject, draft: Draft, place: Place, reading: Reading): void {
  const { report, plain } = reading;
  const keys = Object.keys(object);
  if (keys.length === 0) {
    report(place.pointer, 'Name at least one field here: an empty object is not allowed.');
  }
  if (place.depth > MAX_DEPTH) {
    report(place.pointer, `Nest at most ${MAX_DEPTH} levels.`);
    return;
  }
  // In the order written: where `$or` and its surroundings name the same field, the last one counts.
  for (const key of keys) {
    if (reading.full) return;
    const value = object[key];
    const pointer = below(place.pointer, key);
    const name = place.name === undefined ? key : `${place.name}.${key}`;
    if (key === '$or' && !plain) {
      readOr(value, draft, { ...place, pointer }, reading);
    } else if (place.inOr && reserved.has(key)) {
      report(pointer, `"${key}" is the name of an operator: it can't be a field inside "$or".`);
    } else if (Array.isArray(value)) {
      write(draft, name, readList(value, pointer, reading));
    } else if (isObject(value)) {
      readObject(value, draft, { ...place, name, pointer, depth: place.depth + 1 }, reading);
    } else {
      report(pointer, `Write the values of "${key}" as a list, such as ["x"].`);
    }
  }
}

/** Each branch goes on from every alternative there was before it. */
function readOr(branches: unknown, draft: Draft, place: Place, reading: Reading): void {
  const { report } = reading;
  if (!Array.isArray(branches) || branches.length < 2) {
    report(place.pointer, '"$or" takes a list of at least two objects.');
    return;
  }
  const before = draft.splice(0);
  for (const [i, branch] of branches.entries()) {
    const pointer = below(place.pointer, i);
    if (!isObject(branch)) {
      report(pointer, 'Each branch of "$or" is an object of fields.');
      continue;
    }
    const forked: Draft =
      before.length === 0 ? [new Map()] : before.map((alternative) => new Map(alternative));
    readObject(branch, forked, { ...place, pointer, inOr: true, depth: place.depth + 1 }, reading);
    if (reading.full) return;
    draft.push(...forked);
    if (draft.length > MAX_COMBINATIONS) {
      reading.full = true;
      report(
        place.pointer,
        `"$or" gives more than ${MAX_COMBINATIONS} combinations: use fewer or smaller lists.`,
      );
      return;
    }
  }
}

function readList(list: readonly unknown[], pointer: string, { report, plain }: Reading): Condition {
  if (list.length === 0) {
    report(pointer, 'Write at least one value in the list: an empty list is not allowed.');
  }
  const entries: (Entry | undefined)[] = list.map((entry, i) =>
    parseEntry(entry, below(pointer, i), report, plain),
  );
  return {
    absent: entries.includes('absent'),
    tests: entries.filter((entry) => typeof entry === 'function'),
  };
}

function write(draft: Draft, name: string, condition: Condition): void {
  if (draft.length === 0) draft.push(new Map());
  for (const alternative of draft) alternative.set(name, condition);
}
