import { createHash } from 'node:crypto';
import { type Event, type Happened, type Placed, TEXTS } from '../commitment/event.ts';
import { canonical, sha256 } from './canonical.ts';

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
  actor: { id: string; role: string; session?: string };
  action: string;
  command: string;
  correlation: string;
  data: unknown;
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

/** The salted hashes that stand in a record's data for its texts, by the paths under which the texts are kept beside it. */
export function textHashes({ type, data }: Pick<Hashed, 'type' | 'data'>): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const path of PATHS[type as Event['type']] ?? [])
    mapAt(data, path, (value, at) => {
      const hash = (value as { sha256?: unknown } | null)?.sha256;
      if (typeof hash === 'string') hashes.set(at, hash);
      return value;
    });
  return hashes;
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
