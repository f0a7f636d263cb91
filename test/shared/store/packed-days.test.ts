import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays } from '../../../shared/commitment/dates.ts';
import { pack, unpack } from '../../../shared/store/packed-days.ts';

const counters = fc.dictionary(
  fc.oneof(
    fc.integer({ min: -800, max: 2000 }).map((days) => `f:${addDays('2025-01-01', days)}`),
    fc.constantFrom('s:draft', 'undated', 'd:2024-12-31', 'p:USD'),
  ),
  fc.integer({ min: 1, max: 99_999 }),
);

describe('packed days', () => {
  it('unpack to what was packed', () => {
    fc.assert(
      fc.property(counters, (given) => {
        expect(unpack(pack(given))).toEqual({ ...given });
      }),
    );
  });

  it('add as their numbers add, so that writers need no condition', () => {
    const summed = (all: Record<string, number>[]): Record<string, number> => {
      const sum: Record<string, number> = {};
      for (const one of all)
        for (const [name, value] of Object.entries(one)) sum[name] = (sum[name] ?? 0) + value;
      return Object.fromEntries(Object.entries(sum).filter(([, value]) => value !== 0));
    };
    fc.assert(
      fc.property(
        fc.array(
          fc.dictionary(
            fc.integer({ min: 0, max: 20 }).map((day) => `f:${addDays('2026-11-20', day)}`),
            fc.integer({ min: -9, max: 9 }),
          ),
          { maxLength: 8 },
        ),
        (changes) => {
          // What the contributions add up to is never below nothing; single changes may be.
          const base = Object.fromEntries(
            Array.from({ length: 21 }, (_, day) => [`f:${addDays('2026-11-20', day)}`, 100]),
          );
          const stored = new Map<string, bigint>();
          for (const change of [base, ...changes])
            for (const [name, value] of pack(change))
              stored.set(name, (stored.get(name) ?? 0n) + BigInt(value));
          expect(unpack([...stored].map(([name, value]) => [name, String(value)] as const))).toEqual(
            summed([base, ...changes]),
          );
        },
      ),
    );
  });

  it('hold a week in one attribute, within the 38 digits of a number', () => {
    const week = Object.fromEntries(
      Array.from({ length: 7 }, (_, day) => [`f:${addDays('2026-11-23', day)}`, 99_999]),
    );
    const [only, ...others] = pack(week);
    expect([only?.[0], only?.[1].length, others]).toEqual(['F:2026-11-23', 35, []]);
  });

  it('stay linear when they were damaged, so that adding what is missing mends them', () => {
    const damaged = '-3';
    const shown = unpack([['F:2026-11-23', damaged]]);
    const back = pack(shown).reduce((sum, [, value]) => sum + BigInt(value), 0n);
    expect(back).toBe(BigInt(damaged));
  });
});
