import { isObject, type JsonObject, type Scalar } from './value-test.ts';

/** The chain of array elements a value stands in, innermost first; undefined outside every array. */
export type Membership =
  | { readonly array: number; readonly element: number; readonly outer: Membership }
  | undefined;

export type Leaf = { readonly value: Scalar; readonly membership: Membership };

/** How far into an event's nesting the walk goes: the depth that the engine's JSON parser allows. */
const MAX_DEPTH = 1_000;

/** A place on the way to the wanted fields: `slot` is the field that ends here, `steps` the keys that lead on. */
export type Guide = { slot: number | undefined; readonly steps: Map<string, Guide> };

/** A guide to the given field names; what it finds of each goes into the slot of its position. */
export function guideTo(names: readonly string[]): Guide {
  const root: Guide = { slot: undefined, steps: new Map() };
  for (const [slot, name] of names.entries()) {
    let guide = root;
    for (const segment of name.split('.')) {
      const next = guide.steps.get(segment) ?? { slot: undefined, steps: new Map() };
      guide.steps.set(segment, next);
      guide = next;
    }
    guide.slot = slot;
  }
  return root;
}

/**
 * The scalars of the wanted fields, a list per slot. Objects and empty arrays have none: a field is
 * there only where a scalar is. `elements` tells whether any of them stands in an array's element.
 */
export function leavesOf(
  event: JsonObject,
  root: Guide,
  slots: number,
): { leaves: Leaf[][]; elements: boolean } {
  const leaves: Leaf[][] = Array.from({ length: slots }, () => []);
  let arrays = 0;
  let elements = false;

  const walkObject = (object: JsonObject, guide: Guide, membership: Membership, depth: number): void => {
    let longer = false;
    for (const [key, next] of guide.steps) {
      longer ||= next.steps.size > 0;
      if (Object.hasOwn(object, key)) walk(object[key], next, membership, depth + 1);
    }
    if (!longer) return;
    // The engine knows a field by its dotted name alone: {"a.b": 1} and {"a": {"b": 1}} are one field.
    for (const key of Object.keys(object)) {
      const next = key.includes('.') ? followDots(guide, key) : undefined;
      if (next !== undefined) walk(object[key], next, membership, depth + 1);
    }
  };

  const walk = (value: unknown, guide: Guide, membership: Membership, depth: number): void => {
    if (depth > MAX_DEPTH) return;
    if (Array.isArray(value)) {
      const array = arrays++;
      for (const [element, item] of value.entries()) {
        // Only what is nested belongs to its element: two lists of plain values are free of each other.
        const nested = typeof item === 'object' && item !== null;
        walk(item, guide, nested ? { array, element, outer: membership } : membership, depth + 1);
      }
    } else if (isObject(value)) {
      walkObject(value, guide, membership, depth);
    } else if (guide.slot !== undefined && isScalar(value)) {
      elements ||= membership !== undefined;
      leaves[guide.slot]?.push({ value, membership });
    }
  };

  walkObject(event, root, undefined, 0);
  return { leaves, elements };
}

function followDots(from: Guide, key: string): Guide | undefined {
  let guide: Guide | undefined = from;
  for (const segment of key.split('.')) {
    guide = guide.steps.get(segment);
    if (guide === undefined) return undefined;
  }
  return guide;
}

const isScalar = (value: unknown): value is Scalar =>
  value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
