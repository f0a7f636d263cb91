import type { Body } from './body.ts';
import type { Answer, Call } from './http.ts';
import { problem } from './problem.ts';

/** What travels around a body: the version that the sender saw, null where none was named. */
export interface Versioned {
  version: number | null;
  body: Body;
}

/** What travels around a command's body. */
export interface Envelope extends Versioned {
  key: string;
}

/** Reads the envelope from headers or from the fields `_idempotency_key` and `_version`, which leave the body. */
export async function readEnvelope(call: Call): Promise<Envelope | Answer> {
  const read = await readVersioned(call);
  if ('status' in read) return read;
  const { key, version, body } = read;
  if (typeof key !== 'string' || !KEY.test(key))
    return problem(
      'idempotency-key-missing',
      'Send an Idempotency-Key header or an _idempotency_key field: 1 to 255 visible ASCII characters, new for each thing you do.',
    );
  return { key, version, body };
}

/** The same for what needs no key: it changes nothing when it is sent twice. */
export async function readVersioned(call: Call): Promise<(Versioned & { key: unknown }) | Answer> {
  const body = await call.body();
  if ('unreadable' in body)
    return problem(body.unreadable, body.detail, body.errors && { errors: body.errors });
  const { fields, rest } = takeFields(body.value);
  const version = readVersion(call.headers['if-match'], fields._version);
  if (version === undefined) return unreadableVersion();
  const key = call.headers['idempotency-key'] ?? fields._idempotency_key;
  return { key, version, body: { value: rest, form: body.form } };
}

/** The version in `If-Match`, null where there is none, for what has no body. */
export function readIfMatch({ headers }: Call): { version: number | null } | Answer {
  const version = readVersion(headers['if-match'], undefined);
  return version === undefined ? unreadableVersion() : { version };
}

const unreadableVersion = (): Answer =>
  problem('malformed-body', 'If-Match has to be like "v3", and _version a whole number.');

const KEY = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

function takeFields(value: unknown): { fields: Record<string, unknown>; rest: unknown } {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return { fields: {}, rest: value };
  const { _idempotency_key, _version, ...rest } = value as Record<string, unknown>;
  return { fields: { _idempotency_key, _version }, rest };
}

/** Null: none was named. Undefined: it can't be read. */
function readVersion(header: string | undefined, field: unknown): number | null | undefined {
  const text = header === undefined ? field : /^\s*"v(\d{1,15})"\s*$/.exec(header)?.[1];
  if (text === undefined) return header === undefined ? null : undefined;
  // Never String(text): it throws where the sender's JSON says {"toString": 1}, or nests too deep.
  const version = typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : text;
  return typeof version === 'number' && Number.isSafeInteger(version) && version >= 0 ? version : undefined;
}

export const etag = (version: number): string => `"v${version}"`;

/** Why a command on a commitment at version `current` can't go on; null where the sender saw that version. */
export function versionProblem(seen: number | null, current: number): Answer | null {
  if (seen === null)
    return problem(
      'version-missing',
      `Send If-Match: ${etag(current)} (or _version) with the version that you saw.`,
    );
  return seen === current ? null : stale(seen, current);
}

export const stale = (seen: number, current: number): Answer =>
  problem('version-stale', `You saw version ${seen}; it is at version ${current}. Read it again.`, {
    version: current,
    headers: { etag: etag(current) },
  });
