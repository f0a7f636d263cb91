import type { SigningSecret } from '../../shared/store/subscriptions.ts';

/** A replaced secret signs beside the new one for 24 hours. */
const OVERLAP_MS = 24 * 3600 * 1000;
/** Each of them signs each delivery: who rotates more often retires the oldest sooner. */
const MOST = 3;

/** Those that sign at a time, newest first. */
export const signing = (secrets: readonly SigningSecret[], now: string): SigningSecret[] =>
  secrets.filter(({ until }) => until === null || until > now);

/** The secrets after a new one came, newest first. */
export function rotate(secrets: readonly SigningSecret[], secret: string, now: string): SigningSecret[] {
  const end = new Date(Date.parse(now) + OVERLAP_MS).toISOString();
  const old = signing(secrets, now).map((one) => ({ ...one, until: one.until ?? end }));
  return [{ secret, createdAt: now, until: null }, ...old].slice(0, MOST);
}

/** An answer may get lost: for ten minutes the same request, under the same key, is shown the secret again. */
const SHOWN_MS = 10 * 60 * 1000;

export const isShownAgain = ({ createdAt }: SigningSecret, now: string): boolean =>
  Date.parse(now) - Date.parse(createdAt) < SHOWN_MS;
