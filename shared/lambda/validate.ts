import type * as z from 'zod/mini';
import type { FieldError } from '../commitment/rejection.ts';
import type { Body } from './body.ts';
import { coerce } from './form.ts';
import { MAX_ERRORS, pointer } from './pointer.ts';

export type Validated<T> = { ok: true; value: T } | { ok: false; errors: FieldError[] };

/** Validates a body; every issue gets the JSON pointer of its field. At most `MAX_ERRORS` are told. */
export function validate<S extends z.ZodMiniType>(schema: S, body: Body): Validated<z.output<S>> {
  const result = schema.safeParse(body.form ? coerce(schema, body.value) : body.value, {
    // Tells a missing field from one of the wrong kind.
    reportInput: true,
  });
  if (result.success) return { ok: true, value: result.data };
  return { ok: false, errors: result.error.issues.flatMap(fieldErrors).slice(0, MAX_ERRORS) };
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const at = pointer(issue.path);
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      pointer: `${at}${pointer([key])}`,
      code: 'unknown-field',
      detail: 'is not a field of this command',
    }));
  return [
    {
      pointer: at,
      code: issue.code === 'custom' ? 'invalid-format' : issue.code.replaceAll('_', '-'),
      detail: describe(issue),
    },
  ];
}

/** How people call the types of JSON. */
const KINDS: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
};

function describe(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? 'is missing'
        : `has to be ${KINDS[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return issue.origin === 'string'
        ? issue.minimum === 1
          ? 'is empty'
          : `has fewer than ${issue.minimum} characters`
        : `is less than ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `has more than ${issue.maximum} characters`
        : issue.origin === 'array'
          ? `has more than ${issue.maximum} items`
          : `is more than ${issue.maximum}`;
    case 'invalid_value':
      return `has to be one of ${issue.values.map(String).join(', ')}`;
    default:
      return issue.message;
  }
}
