import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTime } from '../../../shared/commitment/time.ts';

describe('a time in a query', () => {
  it.each([
    ['2026-11-24T10:00:00Z', '2026-11-24T10:00:00.000Z'],
    ['2026-11-24t10:00:00.5z', '2026-11-24T10:00:00.500Z'],
    ['2026-11-24T10:00:00.123456789Z', '2026-11-24T10:00:00.123Z'],
    ['2026-11-24T01:30:00+02:00', '2026-11-23T23:30:00.000Z'],
    ['2026-11-24T01:30:00 02:00', '2026-11-23T23:30:00.000Z'],
    ['2026-11-24T23:00:00-02:00', '2026-11-25T01:00:00.000Z'],
    ['2026-11-24', '2026-11-24T23:59:59.999Z'],
  ])('%s is %s', (text, time) => {
    expect(readTime(text)).toBe(time);
  });

  it.each([
    '',
    'now',
    '2026',
    '2026-02-30',
    '2026-02-30T10:00:00Z',
    '2026-11-24T10:00:00',
    '2026-11-24T10:00Z',
    '2026-11-24T25:00:00Z',
    '2026-11-24T10:61:00Z',
    '2026-11-24T10:00:00+99:00',
    '2026-11-24 10:00:00Z',
    '1764000000',
    '9999-12-31T23:59:59-12:00',
  ])('is not %j', (text) => {
    expect(readTime(text)).toBeUndefined();
  });

  it('comes back as it was, to the millisecond', () => {
    const years = {
      min: new Date('1000-01-01T00:00:00Z'),
      max: new Date('9999-01-01T00:00:00Z'),
      noInvalidDate: true,
    };
    fc.assert(fc.property(fc.date(years), (date) => readTime(date.toISOString()) === date.toISOString()));
  });

  it('is a time of four-digit years or nothing', () => {
    const pieces = fc.stringMatching(
      /^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](Z|[+-][0-2][0-9]:[0-9]{2})$/,
    );
    fc.assert(
      fc.property(fc.oneof(pieces, fc.string()), (text) => {
        expect(readTime(text) ?? '2026-11-24T10:00:00.000Z').toMatch(
          /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
        );
      }),
      { numRuns: 500 },
    );
  });
});
