/** When a schedule fires next after a given time (ms since 1970), or undefined when never again. */
export type Next = (after: number) => number | undefined;

const unitMs: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Reads `rate(5 minutes)`, `cron(0 2 * * ? *)` (six fields, UTC) or `at(2026-11-24T12:00:00)`.
 * Throws an error that names the expression. `started` anchors rates.
 */
export function parseSchedule(expression: string, started: number): Next {
  const [, kind, content = ''] = /^(rate|cron|at)\((.+)\)$/.exec(expression.trim()) ?? [];
  if (kind === 'rate') return rate(content, started, expression);
  if (kind === 'cron') return cron(content, expression);
  if (kind === 'at') {
    const time = Date.parse(`${content}Z`);
    if (Number.isNaN(time)) throw bad(expression);
    return (after) => (time > after ? time : undefined);
  }
  throw bad(expression);
}

function rate(content: string, started: number, expression: string): Next {
  const [, count, unit = ''] = /^(\d+) (minute|hour|day)s?$/.exec(content) ?? [];
  const period = Number(count) * (unitMs[unit] ?? 0);
  if (!(period > 0)) throw bad(expression);
  return (after) => started + (Math.floor((after - started) / period) + 1) * period;
}

const names = {
  month: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  weekday: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
};

function cron(content: string, expression: string): Next {
  const fields = content.trim().split(/\s+/);
  if (fields.length !== 6) throw bad(expression);
  const [minute, hour, day, month, weekday, year] = fields as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if (day !== '?' && weekday !== '?') throw bad(expression);
  const minutes = parseField(minute, 0, 59, [], expression);
  const hours = parseField(hour, 0, 23, [], expression);
  const days = parseField(day, 1, 31, [], expression);
  const months = parseField(month, 1, 12, names.month, expression);
  const weekdays = parseField(weekday, 1, 7, names.weekday, expression);
  const years = parseField(year, 1970, 2199, [], expression);
  return (after) => {
    // Day by day, then minute by minute: a year and a bit covers every yearly schedule, eight every leap day.
    const first = new Date(Math.floor(after / 60_000) * 60_000 + 60_000);
    for (let i = 0; i < 366 * 8; i++) {
      const date = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), first.getUTCDate() + i));
      const fits =
        years.has(date.getUTCFullYear()) &&
        months.has(date.getUTCMonth() + 1) &&
        days.has(date.getUTCDate()) &&
        weekdays.has(date.getUTCDay() + 1);
      if (!fits) continue;
      for (const h of hours) {
        for (const m of minutes) {
          const time = date.getTime() + h * 3_600_000 + m * 60_000;
          if (time >= first.getTime()) return time;
        }
      }
    }
    return undefined;
  };
}

/** The values a field allows, ascending. `L`, `W` and `#` are not known here. */
function parseField(
  field: string,
  low: number,
  high: number,
  labels: string[],
  expression: string,
): Set<number> {
  const values: number[] = [];
  const value = (text: string) => {
    const label = labels.indexOf(text.toUpperCase());
    const number = label < 0 ? Number(text) : label + 1;
    if (!Number.isInteger(number) || number < low || number > high) throw bad(expression);
    return number;
  };
  for (const part of field.split(',')) {
    const [range = '', step] = part.split('/', 2);
    const everything = range === '*' || range === '?';
    const [from = '', to] = range.split('-', 2);
    const start = everything ? low : value(from);
    const end = everything ? high : to === undefined ? (step === undefined ? start : high) : value(to);
    const by = step === undefined ? 1 : Number(step);
    if (!Number.isInteger(by) || by < 1) throw bad(expression);
    for (let n = start; n <= end; n += by) values.push(n);
  }
  return new Set(values.sort((a, b) => a - b));
}

function bad(expression: string): Error {
  return new Error(`the host does not understand the schedule ${expression}`);
}
