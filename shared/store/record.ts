import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { type Event, type Happened, type Placed, TEXTS } from '../commitment/event.ts';

/**
 * An event record: the bytes that are hashed hold no personal data and no free text. Each text stands in them as the SHA-256 of its salt
 * followed by its UTF-8 bytes; text and salt stand beside them, and redacting a text breaks no proof.
 */
export interface EventRecord {
  stream: string;
  sequence: number;
  /** RFC 8785 (JCS) JSON of a `Hashed`. */
  bytes: string;
  /** SHA-256 of the bytes, hexadecimal. */
  hash: string;
  /** By path (`items.0.title`): the text and its salt (base64url). A redacted text is gone from here. */
  texts: Record<string, [text: string, salt: string]>;
}

/** What the bytes of a record say. */
export interface Hashed {
  v: 1;
  stream: string;
  sequence: number;
  type: string;
  time: string;
  /** The hash of the record before it in its stream; null in the first. */
  previousHash: string | null;
  actor: { id: string; role: string };
  action: string;
  command: string;
  correlation: string;
  data: unknown;
}

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

export const textHash = (text: string, salt: string): string =>
  createHash('sha256').update(Buffer.from(salt, 'base64url')).update(text).digest('hex');

/** Seals what happened into a record. `salt` draws 16 fresh random bytes, base64url. */
export function seal(
  happened: Happened,
  placed: Placed,
  previousHash: string | null,
  salt: () => string,
): EventRecord {
  const texts: EventRecord['texts'] = {};
  let data: unknown = happened.data;
  for (const path of PATHS[happened.type])
    data = mapAt(data, path, (value, at) => {
      if (typeof value !== 'string') return value;
      const drawn = salt();
      texts[at] = [value, drawn];
      return { sha256: textHash(value, drawn) };
    });
  return sealData(happened.type, data, placed, previousHash, texts);
}

/** Seals data that holds no text, or whose texts are hashed already. */
export function sealData(
  type: string,
  data: unknown,
  {
    stream,
    sequence,
    time,
    actor,
    action,
    commandId,
    correlation,
  }: Omit<Placed, 'action'> & { action: string },
  previousHash: string | null,
  texts: EventRecord['texts'] = {},
): EventRecord {
  const hashed: Hashed = {
    v: 1,
    stream,
    sequence,
    type,
    time,
    previousHash,
    actor,
    action,
    command: commandId,
    correlation,
    data,
  };
  const bytes = canonical(hashed);
  return { stream, sequence, bytes, hash: sha256(bytes), texts };
}

/** Opens a record: the event with its texts in place, null where redacted. */
export const open = (record: EventRecord): Event => openLinked(record).event;

/** The same, with the hash of the record before it. */
export function openLinked(record: EventRecord): { event: Event; previousHash: string | null } {
  const { type, stream, sequence, time, actor, action, command, correlation, previousHash, ...rest } =
    JSON.parse(record.bytes) as Hashed;
  let { data } = rest;
  for (const path of PATHS[type as Event['type']] ?? [])
    data = mapAt(data, path, (value, at) =>
      value !== null && typeof value === 'object' ? (record.texts[at]?.[0] ?? null) : value,
    );
  const event = {
    type,
    data,
    stream,
    sequence,
    time,
    actor,
    action,
    commandId: command,
    correlation,
  } as Event;
  return { event, previousHash };
}

const PATHS = Object.fromEntries(
  Object.entries(TEXTS).map(([type, paths]) => [type, paths.map((path) => path.split('.'))]),
) as Record<Event['type'], string[][]>;

/** A copy of `node` in which what stands at the path went through `change`; `*` takes every item, and what is missing stays so. */
function mapAt(
  node: unknown,
  [step, ...rest]: string[],
  change: (value: unknown, at: string) => unknown,
  at = '',
): unknown {
  if (step === undefined) return change(node, at);
  if (node === null || typeof node !== 'object') return node;
  const copy = (Array.isArray(node) ? [...node] : { ...node }) as Record<string, unknown>;
  for (const name of step === '*' ? Object.keys(node) : [step])
    if (Object.hasOwn(copy, name)) copy[name] = mapAt(copy[name], rest, change, at ? `${at}.${name}` : name);
  return copy;
}
