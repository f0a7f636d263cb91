import { isDate } from './dates.ts';

const TIME = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/;

/** An RFC 3339 time, or a day (its last millisecond), as a UTC time with milliseconds; undefined for anything else. */
export function readTime(text: string): string | undefined {
  // In a query string a plus sign that was not escaped arrives as a space.
  const value = text.replace(' ', '+');
  if (isDate(value)) return `${value}T23:59:59.999Z`;
  const parts = TIME.exec(value);
  if (!parts || !isDate(parts[1] ?? '')) return undefined;
  const time = Date.parse(value.toUpperCase());
  const utc = Number.isNaN(time) ? '' : new Date(time).toISOString();
  // An offset may lead out of the years of four digits, and times are compared as texts.
  return utc.length === 24 ? utc : undefined;
}
