import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSchedule } from '../../../../local/host/schedules/expression.ts';

const after = (expression: string, time: string, started = '2026-01-01T00:00:00Z') => {
  const next = parseSchedule(expression, Date.parse(started))(Date.parse(time));
  return next === undefined ? undefined : new Date(next).toISOString();
};

describe('schedules', () => {
  it.each([
    ['rate(1 minute)', '2026-01-01T00:00:00.000Z', '2026-01-01T00:01:00.000Z'],
    ['rate(5 minutes)', '2026-01-01T00:07:01Z', '2026-01-01T00:10:00.000Z'],
    ['rate(2 hours)', '2026-01-01T03:00:00Z', '2026-01-01T04:00:00.000Z'],
    ['cron(0 2 * * ? *)', '2026-11-24T02:00:00Z', '2026-11-25T02:00:00.000Z'],
    ['cron(0/15 * * * ? *)', '2026-11-24T01:16:00Z', '2026-11-24T01:30:00.000Z'],
    ['cron(30 6 ? * MON-FRI *)', '2026-11-27T07:00:00Z', '2026-11-30T06:30:00.000Z'],
    ['cron(0 0 1 JAN,JUL ? *)', '2026-11-24T00:00:00Z', '2027-01-01T00:00:00.000Z'],
    ['cron(0 0 29 2 ? *)', '2026-11-24T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['cron(0 0 1 1 ? 2020)', '2026-11-24T00:00:00Z', undefined],
    ['at(2026-12-01T10:00:00)', '2026-11-24T00:00:00Z', '2026-12-01T10:00:00.000Z'],
    ['at(2026-12-01T10:00:00)', '2026-12-24T00:00:00Z', undefined],
  ])('%s after %s', (expression, time, expected) => {
    expect(after(expression, time)).toBe(expected);
  });

  it.each([
    'rate(0 minutes)',
    'rate(1 year)',
    'cron(0 0 * * * *)',
    'cron(0 0 L * ? *)',
    'cron(61 * * * ? *)',
    'soon',
  ])('does not understand %s', (expression) => {
    expect(() => parseSchedule(expression, 0)).toThrow(`does not understand the schedule ${expression}`);
  });

  it('always lies ahead', () => {
    const expressions = fc.constantFrom('rate(7 minutes)', 'cron(3/7 */5 * * ? *)', 'cron(59 23 ? * SUN *)');
    const times = fc.integer({ min: 1.7e12, max: 1.9e12 });
    fc.assert(
      fc.property(expressions, times, (expression, time) => {
        expect(parseSchedule(expression, 1.6e12)(time)).toBeGreaterThan(time);
      }),
    );
  });
});
