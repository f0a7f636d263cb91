import { randomBytes } from 'node:crypto';

const CROCKFORD = '0123456789abcdefghjkmnpqrstvwxyz';

/** Kinds of drawn identifiers: commitment, response, command, person (pseudonym), subscription, erasure, export. */
type IdKind = 'cmt' | 'rsp' | 'cmd' | 'per' | 'sub' | 'era' | 'exp';

/** `cmt_` and a ULID in lower case: 48 bits of time, 80 random bits, in Crockford's base 32. */
export function newId(kind: IdKind, now: number = Date.now()): string {
  const random = randomBytes(10);
  const bits = (BigInt(now) << 80n) | BigInt(`0x${random.toString('hex')}`);
  let text = '';
  for (let shift = 125n; shift >= 0n; shift -= 5n) text += CROCKFORD[Number((bits >> shift) & 31n)];
  return `${kind}_${text}`;
}

/** True for what `newId` may have drawn, of one kind or of any. */
export const isId = (text: string, kind: IdKind | '' = ''): boolean => ID.test(text) && text.startsWith(kind);

const ID = /^[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}$/;

/** `ses_` and 40 random bits: a name of its own among one person's sessions. It stands in every record, and has to leave it below 1 KB. */
export const newSession = (): string =>
  `ses_${Array.from(randomBytes(8), (byte) => CROCKFORD[byte & 31]).join('')}`;

/** 16 random bytes, base64url. */
export const newSalt = (): string => randomBytes(16).toString('base64url');
