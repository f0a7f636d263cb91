/** Seconds to wait before each attempt of a delivery. */
export type Schedule = readonly number[];

const HOUR = 3600;
/** At once, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h: the example of Standard Webhooks. */
export const DEFAULT_SCHEDULE: Schedule = [
  0,
  5,
  300,
  1800,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
];

const MOST_ATTEMPTS = 50;
const LONGEST_WAIT = 7 * 24 * HOUR;
/** An endpoint may ask for patience, but not for so much that a delivery is forgotten. */
const LONGEST_RETRY_AFTER = 24 * HOUR;
/** Up to a tenth longer, so that deliveries which failed together don't return together. */
const JITTER = 0.1;

/** Reads `WEBHOOK_RETRY_SCHEDULE`: seconds, separated by commas. @throws RangeError saying what is wrong. */
export function readSchedule(text: string | undefined): Schedule {
  if (text === undefined || text.trim() === '') return DEFAULT_SCHEDULE;
  const waits = text.split(',').map((part) => (/^\s*\d+(\.\d+)?\s*$/.test(part) ? Number(part) : Number.NaN));
  if (waits.length > MOST_ATTEMPTS || !waits.every((wait) => wait >= 0 && wait <= LONGEST_WAIT))
    throw new RangeError(
      `WEBHOOK_RETRY_SCHEDULE has to be 1 to ${MOST_ATTEMPTS} numbers of seconds up to ${LONGEST_WAIT}, separated by commas, not "${text}"`,
    );
  return waits;
}

/**
 * Seconds from now until the next attempt, after `made` attempts; null when that was the last one.
 * @param retryAfter the header of the answer: seconds, or an HTTP date; honoured where it is later than the schedule, up to 24 h.
 * @param random 0 ≤ random < 1.
 */
export function nextWait(
  schedule: Schedule,
  made: number,
  retryAfter: string | undefined,
  now: string,
  random: number,
): number | null {
  const planned = schedule[made];
  if (planned === undefined) return null;
  const asked = Math.min(readRetryAfter(retryAfter, now), LONGEST_RETRY_AFTER);
  return Math.max(planned * (1 + JITTER * random), asked);
}

function readRetryAfter(value: string | undefined, now: string): number {
  const text = value?.trim() ?? '';
  if (/^\d{1,10}$/.test(text)) return Number(text);
  // An HTTP date (RFC 9110) names its day: "Wed, 25 Nov 2026 08:00:00 GMT".
  const date = /^[A-Za-z]{3,9}, /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? 0 : Math.max(0, (date - Date.parse(now)) / 1000);
}
