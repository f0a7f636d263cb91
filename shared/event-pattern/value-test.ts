/** What stands at the end of a path in an event. */
export type Scalar = string | number | boolean | null;

/** Does one scalar of the event satisfy one entry of a field's list? */
export type ValueTest = (value: Scalar) => boolean;

/** `pointer` is an RFC 6901 JSON pointer into the pattern; `detail` says in plain words what to do. */
export type PatternError = { pointer: string; detail: string };

/** Notes an error and goes on, so that one compilation names every mistake. */
export type Report = (pointer: string, detail: string) => undefined;

export type JsonObject = { readonly [key: string]: unknown };

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const below = (pointer: string, step: string | number): string =>
  `${pointer}/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`;
