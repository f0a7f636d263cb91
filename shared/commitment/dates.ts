/** Due dates keep the words they came from, how precise they are and what kind of promise they make. */
export const PRECISIONS = ['day', 'month', 'quarter', 'year'] as const;
export type Precision = (typeof PRECISIONS)[number];

export const DUE_KINDS = ['complete', 'start', 'period-end', 'recurring', 'none'] as const;
export type DueKind = (typeof DUE_KINDS)[number];

/** `date` is the last day of the period that the words name, as YYYY-MM-DD, or null where they name none. */
export interface Due {
  date: string | null;
  precision: Precision | null;
  kind: DueKind;
  text: string | null;
}

const DAY = 86_400_000;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** True for a YYYY-MM-DD that is a real day of the (proleptic Gregorian) calendar. */
export function isDate(text: string): boolean {
  const parts = DATE.exec(text);
  if (!parts) return false;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  return year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

/** The UTC day of an RFC 3339 time. */
export const dayOf = (time: string): string => time.slice(0, 10);

/** `to − from` in whole days; both YYYY-MM-DD. */
export const daysBetween = (from: string, to: string): number => (epoch(to) - epoch(from)) / DAY;

export const addDays = (date: string, days: number): string => format(new Date(epoch(date) + days * DAY));

/** Adds calendar months; a day that the target month lacks becomes its last day (31 January + 1 = 28 or 29 February). */
export function addMonths(date: string, months: number): string {
  const [year, month, day] = split(date);
  const index = year * 12 + (month - 1) + months;
  const [toYear, toMonth] = [Math.floor(index / 12), (index % 12) + 1];
  return write(toYear, toMonth, Math.min(day, daysIn(toYear, toMonth)));
}

/** The last day of the period of that precision which holds `date`: 2024-02-10, quarter → 2024-03-31. */
export function lastDay(date: string, precision: Precision): string {
  const [year, month, day] = split(date);
  const last = { day: month, month, quarter: Math.ceil(month / 3) * 3, year: 12 }[precision];
  return write(year, last, precision === 'day' ? day : daysIn(year, last));
}

const epoch = (date: string): number => {
  const [year, month, day] = split(date);
  // Date.UTC reads the years 0–99 as 1900–1999; setUTCFullYear doesn't.
  return new Date(0).setUTCFullYear(year, month - 1, day);
};

const split = (date: string): [number, number, number] => {
  const parts = DATE.exec(date);
  if (!parts) throw new RangeError(`not a YYYY-MM-DD date: ${date}`);
  return [Number(parts[1]), Number(parts[2]), Number(parts[3])];
};

const daysIn = (year: number, month: number): number =>
  month === 2 ? (isLeap(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

const format = (date: Date): string =>
  write(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());

const write = (year: number, month: number, day: number): string =>
  `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
