import type * as z from 'zod/mini';
import type { FieldError } from '../commitment/rejection.ts';
import { MAX_ERRORS, pointer } from './pointer.ts';

export type FormFields = [name: string, value: string][];

const NAME = /^([A-Za-z_][A-Za-z0-9_]*)((?:\[[A-Za-z0-9_]*\])*)$/;
/** Deeper or longer lists are no form of ours. */
const MAX_DEPTH = 4;
const MAX_INDEX = 500;

/** The path that a field name writes: `evidence[0][title]` → `['evidence', '0', 'title']`; null where it writes none. */
export function pathOf(name: string): string[] | null {
  const parts = NAME.exec(name);
  if (!parts) return null;
  const steps = [...(parts[2] ?? '').matchAll(/\[([^\]]*)\]/g)].map((match) => match[1] ?? '');
  const path = [parts[1] ?? '', ...steps];
  const tooLong = path.some((step) => /^\d+$/.test(step) && Number(step) > MAX_INDEX);
  return path.length > MAX_DEPTH || tooLong ? null : path;
}

/** `evidence[0][title]` → `{evidence: [{title}]}`. A name that occurs twice, or ends in `[]`, is a list. */
export function nest(fields: FormFields): { fields: Record<string, unknown> } | { errors: FieldError[] } {
  const root = new Map<string, Node>();
  const errors: FieldError[] = [];
  for (const [name, value] of fields) {
    const path = pathOf(name);
    const detail = !path
      ? 'is not a field name like evidence[0][title]'
      : !put(root, path, value) && 'is both a value and a group of fields';
    if (detail) errors.push({ pointer: pointer(path ?? [name]), code: 'unreadable-name', detail });
    if (errors.length === MAX_ERRORS) break;
  }
  return errors.length > 0 ? { errors } : { fields: plain(root) as Record<string, unknown> };
}

/** Maps while they grow, so that no name can reach a prototype. */
type Node = string | string[] | Map<string, Node>;

function put(node: Map<string, Node>, [step, ...rest]: string[], value: string): boolean {
  const name = step === '' ? String(node.size) : (step as string);
  const there = node.get(name);
  if (rest.length > 0) {
    if (there === undefined || there instanceof Map) {
      const next = (there as Map<string, Node> | undefined) ?? new Map<string, Node>();
      node.set(name, next);
      return put(next, rest, value);
    }
    return false;
  }
  if (there instanceof Map) return false;
  if (Array.isArray(there)) there.push(value);
  else node.set(name, there === undefined ? value : [there, value]);
  return true;
}

function plain(node: Node): unknown {
  if (!(node instanceof Map)) return node;
  const names = [...node.keys()];
  if (names.length > 0 && names.every((name) => /^\d+$/.test(name)))
    return names.sort((a, b) => Number(a) - Number(b)).map((name) => plain(node.get(name) as Node));
  return Object.fromEntries(names.map((name) => [name, plain(node.get(name) as Node)]));
}

/** What a checkbox or a pair of radio buttons sends. */
const BOOLEANS = new Map<unknown, boolean>([
  ['true', true],
  ['on', true],
  ['1', true],
  ['false', false],
  ['off', false],
  ['0', false],
]);

/**
 * Turns the texts of a form into what the schema expects: numbers, booleans, lists of one. A field left empty was not filled in,
 * and a row of a list whose fields are all empty was not used.
 * What can't be turned is left for the validation to name.
 */
export function coerce(schema: z.core.$ZodType, value: unknown): unknown {
  const { def } = schema._zod;
  switch (def.type) {
    case 'optional':
    case 'default':
    case 'nullable':
    case 'prefault':
      return value === '' ? undefined : coerce((def as z.core.$ZodOptionalDef).innerType, value);
    case 'object':
      return coerceObject((def as z.core.$ZodObjectDef).shape, value);
    case 'array': {
      if (value === undefined) return value;
      const items = Array.isArray(value) ? value : [value];
      return items.filter(isFilledIn).map((item) => coerce((def as z.core.$ZodArrayDef).element, item));
    }
    case 'number':
    case 'int':
      return typeof value === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
    case 'boolean':
      return BOOLEANS.get(value) ?? value;
    default:
      return value;
  }
}

function coerceObject(shape: Readonly<Record<string, z.core.$ZodType>>, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  const entries = Object.entries(value).flatMap(([name, field]) => {
    const inner = Object.hasOwn(shape, name) ? shape[name] : undefined;
    const coerced = inner ? coerce(inner, field) : field;
    return coerced === undefined ? [] : [[name, coerced] as const];
  });
  return Object.fromEntries(entries);
}

const isFilledIn = (value: unknown): boolean =>
  typeof value === 'object' && value !== null ? Object.values(value).some(isFilledIn) : value !== '';
