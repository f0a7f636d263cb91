import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, daysBetween } from '../../../shared/commitment/dates.ts';
import { derive } from '../../../shared/commitment/derived.ts';
import type { Registered } from '../../../shared/commitment/event.ts';
import { STATUSES, type Status } from '../../../shared/commitment/status.ts';
import { asked, granted, historyOf, registered, reported, stateOf } from '../../kit/given.ts';

const factsOf = (past: Parameters<typeof stateOf>[0], today: string, dependencies: Status[] = []) => {
  const { card, head } = stateOf(past);
  return derive(card, head, dependencies, today);
};
const due = (
  kind: 'complete' | 'start' | 'period-end' | 'recurring' | 'none',
  date: string | null = '2026-06-30',
): Registered['due'] => ({
  date,
  precision: date ? 'quarter' : null,
  kind,
  text: null,
});

describe('overdue', () => {
  it('begins on the day after the due date, and counts days', () => {
    const past = historyOf('in_progress');
    expect(factsOf(past, '2026-06-30')).toMatchObject({ overdue: false, daysOverdue: 0, dueSoon: true });
    expect(factsOf(past, '2026-07-01')).toMatchObject({ overdue: true, daysOverdue: 1, dueSoon: false });
    expect(factsOf(past, '2027-06-30')).toMatchObject({ overdue: true, daysOverdue: 365 });
  });

  it.each<[Status, boolean]>([
    ['draft', true],
    ['not_started', true],
    ['in_progress', true],
    ['reported_complete', false],
    ['verified_complete', false],
    ['closed_not_implemented', false],
    ['superseded', false],
  ])('%s: %s', (status, overdue) => {
    expect(factsOf(historyOf(status), '2026-07-01').overdue).toBe(overdue);
  });

  it.each(STATUSES)('of a date to start by holds while not started only: %s', (status) => {
    expect(factsOf(historyOf(status, { due: due('start') }), '2026-07-01').overdue).toBe(
      status === 'not_started',
    );
  });

  it('never holds without a date', () => {
    for (const none of [null, due('none', null), due('recurring', null)])
      expect(factsOf([registered({ due: none })], '9999-01-01')).toMatchObject({
        overdue: false,
        dueSoon: false,
      });
  });

  it('is measured against the current due date', () => {
    const extended = [...historyOf('in_progress'), asked(1, '2026-12-31'), granted(1, '2026-12-31')];
    expect(factsOf(extended, '2026-12-31')).toMatchObject({
      overdue: false,
      daysSlipped: 184,
      extensions: 1,
    });
    expect(factsOf(extended, '2027-01-01')).toMatchObject({ overdue: true, daysOverdue: 1 });
  });
});

describe('due soon', () => {
  it('begins thirty days before', () => {
    expect(factsOf(historyOf('not_started'), '2026-05-30').dueSoon).toBe(false);
    expect(factsOf(historyOf('not_started'), '2026-05-31').dueSoon).toBe(true);
  });
});

describe('stale', () => {
  it('begins ninety days after the registration, or after the last update', () => {
    expect(factsOf([registered()], '2026-03-31').stale).toBe(false);
    expect(factsOf([registered()], '2026-04-01').stale).toBe(true);
    expect(factsOf([registered(), reported()], '2026-04-01').stale).toBe(false);
    expect(factsOf([registered(), reported()], '2026-04-02').stale).toBe(true);
  });

  it('is not put off by anything but an update', () => {
    expect(
      factsOf([registered(), asked(1, '2027-01-01'), granted(1, '2027-01-01')], '2026-04-01').stale,
    ).toBe(true);
  });

  it('is for what is open', () => {
    const stale = STATUSES.filter((status) => factsOf(historyOf(status), '2030-01-01').stale);
    expect(stale).toEqual(['draft', 'not_started', 'in_progress', 'reported_complete']);
  });
});

describe('other facts', () => {
  it('undated: no date, and not recurring', () => {
    const undated = (due: Registered['due']) => factsOf([registered({ due })], '2026-01-01').undated;
    expect([
      undated(null),
      undated(due('none', null)),
      undated(due('recurring', null)),
      undated(due('complete')),
    ]).toEqual([true, true, false, false]);
  });

  it('unowned: no unit', () => {
    expect(factsOf([registered({ unit: null })], '2026-01-01').unowned).toBe(true);
    expect(factsOf([registered()], '2026-01-01').unowned).toBe(false);
  });

  it('blocked: one dependency is open and not reported complete', () => {
    const blocking = STATUSES.filter(
      (status) => factsOf([registered()], '2026-01-01', ['verified_complete', status]).blocked,
    );
    expect(blocking).toEqual(['draft', 'not_started', 'in_progress']);
    expect(factsOf([registered()], '2026-01-01').blocked).toBe(false);
  });

  it('slipped: nothing for a first date', () => {
    expect(
      factsOf([registered({ due: null }), asked(1, '2026-12-31'), granted(1, '2026-12-31')], '2026-01-01')
        .daysSlipped,
    ).toBe(0);
  });
});

describe('time alone', () => {
  const day = fc.integer({ min: 0, max: 2000 }).map((days) => addDays('2026-01-01', days));

  it('makes overdue and stale, and never unmakes them', () => {
    fc.assert(
      fc.property(fc.constantFrom(...STATUSES), day, day, (status, one, other) => {
        const [earlier, later] = [one, other].sort() as [string, string];
        const [before, after] = [factsOf(historyOf(status), earlier), factsOf(historyOf(status), later)];
        if (before.overdue) expect(after.daysOverdue - before.daysOverdue).toBe(daysBetween(earlier, later));
        if (before.stale) expect(after.stale).toBe(true);
        expect(after.overdue && after.dueSoon).toBe(false);
        expect([after.undated, after.unowned, after.blocked, after.daysSlipped]).toEqual([
          before.undated,
          before.unowned,
          before.blocked,
          before.daysSlipped,
        ]);
      }),
    );
  });
});
