import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** Hexadecimal. */
export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/**
 * RFC 8785 text of a value.
 * @throws on what JSON can't carry faithfully: undefined, functions, instances of classes, infinite numbers, lone surrogates, cycles.
 */
export function canonical(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('not a JSON value');
  assertPlain(value);
  return text;
}

/** Whether a text is the RFC 8785 form of what was parsed from it. Never throws. */
export function isCanonical(parsed: unknown, text: string): boolean {
  try {
    return isPlainlyCanonical(parsed, text) || canonical(parsed) === text;
  } catch {
    return false;
  }
}

/**
 * Quicker, and right where it says yes: JSON.stringify writes numbers and strings as RFC 8785 does, and keys in the order in which they
 * came. It escapes a lone surrogate, which RFC 8785 refuses, and moves keys that are whole numbers to the front.
 */
const isPlainlyCanonical = (parsed: unknown, text: string): boolean =>
  JSON.stringify(parsed) === text && !text.includes('\\ud') && text.isWellFormed() && hasSortedKeys(parsed);

function hasSortedKeys(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return true;
  if (Array.isArray(value)) return value.every(hasSortedKeys);
  let before: string | undefined;
  for (const key in value) {
    if ((before !== undefined && before >= key) || !hasSortedKeys((value as Record<string, unknown>)[key]))
      return false;
    before = key;
  }
  return true;
}

/** The library drops what is undefined, calls `toJSON` and writes a Map as `{}`; each of them would be hashed as something else. */
function assertPlain(value: unknown): void {
  // A list of its own instead of recursion: a body may be nested 100,000 deep.
  const waiting = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (next === null || ['string', 'number', 'boolean'].includes(typeof next)) continue;
    if (typeof next !== 'object') throw new TypeError(`${typeof next} is not a JSON value`);
    const prototype = Object.getPrototypeOf(next);
    if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null)
      throw new TypeError(`an instance of ${prototype.constructor?.name} is not a JSON value`);
    for (const inner of Array.isArray(next) ? next : Object.values(next)) waiting.push(inner);
  }
}
