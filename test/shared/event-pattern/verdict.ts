import { compilePattern, matchesPattern } from '../../../shared/event-pattern/pattern.ts';

/** `invalid`, or whether the event matches. */
export function verdict(pattern: unknown, event: unknown): boolean | 'invalid' {
  const compiled = compilePattern(pattern);
  return compiled.ok ? matchesPattern(compiled.pattern, event) : 'invalid';
}

/** The verdict on one value of one field against one list. */
export const onValue = (list: unknown, value: unknown): boolean | 'invalid' =>
  verdict({ a: list }, { a: value });

/** The JSON pointers of what is wrong; empty for a valid pattern. */
export function pointers(pattern: unknown): string[] {
  const compiled = compilePattern(pattern);
  return compiled.ok ? [] : compiled.errors.map((error) => error.pointer);
}
