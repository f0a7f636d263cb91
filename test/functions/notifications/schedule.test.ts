import { describe, expect, it } from 'vitest';
import { DEFAULT_SCHEDULE, nextWait, readSchedule } from '../../../functions/notifications/schedule.ts';

const NOW = '2026-11-24T12:00:00.000Z';
const wait = (made: number, retryAfter?: string, random = 0) =>
  nextWait(DEFAULT_SCHEDULE, made, retryAfter, NOW, random);

describe('the retry schedule', () => {
  it('is that of the contract', () => {
    expect(readSchedule(undefined)).toEqual([0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]);
    expect(readSchedule(' ')).toBe(DEFAULT_SCHEDULE);
  });

  it('reads another from seconds separated by commas', () => {
    expect(readSchedule('0, 1,2.5')).toEqual([0, 1, 2.5]);
  });

  it.each(['0,,1', '0;1', '0,-1', '0,1e3', '0,later', '0,9999999', Array(51).fill('1').join()])(
    'refuses %s, naming the variable',
    (text) => {
      expect(() => readSchedule(text)).toThrow(/WEBHOOK_RETRY_SCHEDULE/);
    },
  );

  it('waits as planned, at most a tenth longer, until the last attempt was made', () => {
    expect([1, 2, 3, 9].map((made) => wait(made))).toEqual([5, 300, 1800, 86400]);
    expect(wait(2, undefined, 0.999)).toBeCloseTo(330, 0);
    expect(wait(10)).toBeNull();
    expect(wait(10, '5')).toBeNull();
  });

  it.each([
    ['60', 60],
    ['2', 5],
    ['Tue, 24 Nov 2026 12:02:00 GMT', 120],
    ['Tue, 24 Nov 2026 11:00:00 GMT', 5],
    ['99999999', 86400],
    ['Fri, 01 Jan 2100 00:00:00 GMT', 86400],
    ['soon', 5],
    ['-1', 5],
    ['2026', 2026],
    ['', 5],
  ])('honours Retry-After: %s', (header, expected) => {
    expect(wait(1, header)).toBe(expected);
  });
});
