import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  addMonths,
  dayOf,
  daysBetween,
  isDate,
  lastDay,
  PRECISIONS,
} from '../../../shared/commitment/dates.ts';

const pad = (n: number, width: number) => String(n).padStart(width, '0');
const written = (year: number, month: number, day: number) =>
  `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;

/** The day as the platform's own calendar knows it, which rolls over what is no day. */
function rolled(year: number, month: number, day: number): string {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return written(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
}

const anyDay = fc
  .tuple(
    fc.integer({ min: 1, max: 9990 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 28 }),
    fc.integer({ min: 0, max: 3 }),
  )
  .map(([year, month, day, more]) =>
    isDate(written(year, month, day + more)) ? written(year, month, day + more) : written(year, month, day),
  );

describe('isDate', () => {
  it('agrees with the calendar of the platform', () => {
    const numbers = fc.tuple(
      fc.integer({ min: 0, max: 9999 }),
      fc.integer({ min: 0, max: 14 }),
      fc.integer({ min: 0, max: 33 }),
    );
    fc.assert(
      fc.property(numbers, ([year, month, day]) => {
        const text = written(year, month, day);
        expect(isDate(text)).toBe(year >= 1 && rolled(year, month, day) === text);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['2024-02-29', '2000-02-29', '0004-02-29', '0099-12-31', '9999-12-31'])('takes %s', (day) => {
    expect(isDate(day)).toBe(true);
  });

  it.each([
    '2023-02-29',
    '1900-02-29',
    '2100-02-29',
    '0000-01-01',
    '2024-2-9',
    '2024-02-09T00:00:00Z',
    ' 2024-02-09',
    '2024-02-09\n',
    '-001-02-09',
    '10000-01-01',
    '２０２４-02-09',
    '',
  ])('refuses %j', (text) => {
    expect(isDate(text)).toBe(false);
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^[0-9-]{8,12}$/)),
        (text) => typeof isDate(text) === 'boolean',
      ),
    );
  });
});

describe('days', () => {
  it('are added and counted back', () => {
    fc.assert(
      fc.property(anyDay, fc.integer({ min: -300, max: 3000 }), (day, days) => {
        fc.pre(day > '0002');
        const there = addDays(day, days);
        expect(isDate(there)).toBe(true);
        expect(daysBetween(day, there)).toBe(days);
        expect(addDays(there, -days)).toBe(day);
        expect(there > day).toBe(days > 0);
      }),
    );
  });

  it('are whole across leap days, centuries and the change of clocks', () => {
    expect(daysBetween('2024-02-28', '2024-03-01')).toBe(2);
    expect(daysBetween('1900-02-28', '1900-03-01')).toBe(1);
    expect(daysBetween('2026-03-28', '2026-03-30')).toBe(2);
    expect(daysBetween('0099-12-31', '0100-01-01')).toBe(1);
    expect(addDays('0001-01-01', 365)).toBe('0002-01-01');
  });

  it('are those of UTC', () => {
    expect(dayOf('2026-11-24T23:59:59.999Z')).toBe('2026-11-24');
  });

  it('of no date are a mistake of the caller', () => {
    expect(() => daysBetween('soon', '2024-01-01')).toThrow(RangeError);
  });
});

describe('addMonths', () => {
  it('stays on the day, or on the last one of a shorter month', () => {
    fc.assert(
      fc.property(anyDay, fc.integer({ min: 0, max: 100 }), (day, months) => {
        const there = addMonths(day, months);
        const [from, to] = [day, there].map(
          (date) => date.split('-').map(Number) as [number, number, number],
        );
        if (!from || !to) return;
        expect(isDate(there)).toBe(true);
        expect(to[0] * 12 + to[1] - (from[0] * 12 + from[1])).toBe(months);
        expect(to[2] === from[2] || (to[2] < from[2] && there === lastDay(there, 'month'))).toBe(true);
      }),
    );
  });

  it.each([
    ['2024-01-31', 1, '2024-02-29'],
    ['2023-01-31', 1, '2023-02-28'],
    ['2024-02-29', 12, '2025-02-28'],
    ['2024-12-31', 2, '2025-02-28'],
    ['2024-03-31', -1, '2024-02-29'],
    ['2024-01-15', -13, '2022-12-15'],
    ['2024-11-30', 1, '2024-12-30'],
  ])('%s and %i months is %s', (day, months, there) => {
    expect(addMonths(day, months)).toBe(there);
  });
});

describe('the last day of a period', () => {
  it('is in it, is its last, and is its own last day', () => {
    fc.assert(
      fc.property(anyDay, fc.constantFrom(...PRECISIONS), (day, precision) => {
        const last = lastDay(day, precision);
        expect(last >= day).toBe(true);
        expect(lastDay(last, precision)).toBe(last);
        expect(isDate(last)).toBe(true);
        // The next day belongs to another period.
        if (last < '9990') expect(lastDay(addDays(last, 1), precision) > last).toBe(true);
        // Every day between has the same last day.
        expect(lastDay(addDays(day, Math.floor(daysBetween(day, last) / 2)), precision)).toBe(last);
      }),
    );
  });

  it('is never earlier for a coarser precision', () => {
    fc.assert(
      fc.property(anyDay, (day) => {
        const lasts = PRECISIONS.map((precision) => lastDay(day, precision));
        expect(lasts).toEqual(lasts.toSorted());
      }),
    );
  });

  it.each([
    ['2024-02-10', 'quarter', '2024-03-31'],
    ['2024-02-10', 'month', '2024-02-29'],
    ['2023-02-10', 'month', '2023-02-28'],
    ['2024-12-31', 'quarter', '2024-12-31'],
    ['2024-04-01', 'quarter', '2024-06-30'],
    ['2024-01-01', 'year', '2024-12-31'],
    ['0050-01-01', 'year', '0050-12-31'],
  ] as const)('%s, %s: %s', (day, precision, last) => {
    expect(lastDay(day, precision)).toBe(last);
  });
});
