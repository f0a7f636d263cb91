import { addDays, daysBetween } from '../commitment/dates.ts';

/**
 * Counters by day are many, and a group that is read carries all of them. So seven days share one number attribute, five decimal
 * digits a day: 35 of the 38 digits that DynamoDB keeps exactly. `ADD` commutes with packing, so writers still need no condition.
 * A day of one group counts to 99,999; a rebuild of the totals shows and mends what went past it.
 */
const DAYS = 7;
const DIGITS = 5;
const BASE = 10n ** BigInt(DIGITS);
const WIDTH = DAYS * DIGITS;

const PACKED_KIND = 'f';
const NAME = /^f:(\d{4}-\d{2}-\d{2})$/;
const STORED = /^F:(\d{4}-\d{2}-\d{2})$/;
/** A Monday; weeks are counted from it. */
const ORIGIN = '2024-01-01';

/** Counters as number attributes: name and decimal text. */
export function pack(counters: Readonly<Record<string, number>>): [name: string, value: string][] {
  const plain: [string, string][] = [];
  const weeks = new Map<string, bigint>();
  for (const [name, value] of Object.entries(counters)) {
    const day = NAME.exec(name)?.[1];
    if (day === undefined) {
      plain.push([name, String(value)]);
      continue;
    }
    const { first, index } = weekOf(day);
    weeks.set(first, (weeks.get(first) ?? 0n) + BigInt(value) * BASE ** BigInt(index));
  }
  return [...plain, ...[...weeks].map(([first, value]) => [`F:${first}`, String(value)] as [string, string])];
}

/** The counters that number attributes hold. Packing and unpacking are linear, whatever was added in between. */
export function unpack(attributes: Iterable<readonly [name: string, value: string]>): Record<string, number> {
  const counters: Record<string, number> = {};
  for (const [name, value] of attributes) {
    const first = STORED.exec(name)?.[1];
    if (first === undefined) counters[name] = Number(value);
    else
      digitsOf(value).forEach((count, index) => {
        if (count !== 0) counters[`${PACKED_KIND}:${addDays(first, index)}`] = count;
      });
  }
  return counters;
}

function weekOf(day: string): { first: string; index: number } {
  const days = daysBetween(ORIGIN, day);
  const index = ((days % DAYS) + DAYS) % DAYS;
  return { first: addDays(day, -index), index };
}

/** The count of each day, the first day's in the lowest digits. */
function digitsOf(value: string): number[] {
  if (!value.startsWith('-') && value.length <= WIDTH) {
    const padded = value.padStart(WIDTH, '0');
    return Array.from({ length: DAYS }, (_, index) => {
      const end = WIDTH - index * DIGITS;
      return Number(padded.slice(end - DIGITS, end));
    });
  }
  // Only where counters were damaged: borrowed from the next day, and the last day takes the rest.
  let rest = BigInt(value);
  return Array.from({ length: DAYS }, (_, index) => {
    if (index === DAYS - 1) return Number(rest);
    const count = ((rest % BASE) + BASE) % BASE;
    rest = (rest - count) / BASE;
    return Number(count);
  });
}
