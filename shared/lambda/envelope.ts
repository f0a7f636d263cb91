import type { Body } from './body.ts';
import type { Answer, Call } from './http.ts';
import { problem } from './problem.ts';

/** What travels around a body: the version that the sender saw; null where none was named, `FOREIGN` where another tag was. */
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
  const header = call.headers['if-match'];
  const version = header === undefined ? readField(fields._version) : readHeader(header);
  if (version === undefined)
    return problem('invalid-body', 'Nothing was saved. Name the version that you saw.', {
      errors: [{ pointer: '/_version', code: 'invalid-type', detail: 'has to be a whole number' }],
    });
  const key = call.headers['idempotency-key'] ?? fields._idempotency_key;
  return { key, version, body: { value: rest, form: body.form } };
}

/** The version in `If-Match`, null where there is none, for what has no body. */
export const readIfMatch = ({ headers }: Call): number | null =>
  headers['if-match'] === undefined ? null : readHeader(headers['if-match']);

/** What is no tag of ours never was the version of anything: it is stale, and the answer names the one that is not. */
export const FOREIGN = -1;

const KEY = /^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/;

function takeFields(value: unknown): { fields: Record<string, unknown>; rest: unknown } {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return { fields: {}, rest: value };
  const { _idempotency_key, _version, ...rest } = value as Record<string, unknown>;
  return { fields: { _idempotency_key, _version }, rest };
}

/** `*` stands for whatever there is, so it names no version. */
function readHeader(header: string): number | null {
  if (header.trim() === '*') return null;
  const version = /^\s*"v(\d{1,15})"\s*$/.exec(header)?.[1];
  return version === undefined ? FOREIGN : Number(version);
}

/** Null: none was named, as in a form where it was left empty. Undefined: it can't be read. */
function readField(field: unknown): number | null | undefined {
  if (field === undefined || field === '') return null;
  // Never String(field): it throws where the sender's JSON says {"toString": 1}, or nests too deep.
  const version = typeof field === 'string' && /^\d{1,15}$/.test(field) ? Number(field) : field;
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
  problem(
    'version-stale',
    `${seen === FOREIGN ? 'If-Match names no version of this' : `You saw version ${seen}`}; it is at version ${current}. Read it again.`,
    { version: current, headers: { etag: etag(current) } },
  );
