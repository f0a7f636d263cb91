import { describe, expect, it } from 'vitest';
import { contributionOf, waitsOf } from '../../../functions/rollups/contribution.ts';
import { type Awaited, awaited, groupId, groupsOf } from '../../../functions/rollups/group.ts';
import { report } from '../../../functions/rollups/report.ts';
import { rowsOf } from '../../../functions/rollups/rows.ts';
import { contributions, tally } from '../../../functions/rollups/tally.ts';
import type { Registered } from '../../../shared/commitment/event.ts';
import type { Card, Head } from '../../../shared/commitment/state.ts';
import { historyOf, RESPONSE, stateOf } from '../../kit/given.ts';
import { FRAMEWORK } from './world.ts';

/** A commitment by its facts; registered on 1 January 2026. */
function commitment(id: string, fields: Partial<Registered> = {}, head: Partial<Head> = {}) {
  const state = stateOf(historyOf('not_started', { due: null, ...fields }));
  return { card: { ...state.card, id } as Card, head: { ...state.head, ...head } };
}

const day = (date: string) => ({ date, precision: 'day', kind: 'complete', text: null }) as const;

function totalOf(list: ReturnType<typeof commitment>[], today: string) {
  const all = contributions(new Map(list.map((each) => [each.card.id, each])));
  const totals = tally(all.values());
  return report(totals.get(groupId(RESPONSE, { by: 'total', key: 'total' })) ?? {}, today);
}

describe('overdue', () => {
  const due = day('2026-03-31');
  it.each([
    ['2026-03-31', 0, {}],
    ['2026-04-01', 1, { '1-30': 1 }],
    ['2026-04-30', 1, { '1-30': 1 }],
    ['2026-05-01', 1, { '31-90': 1 }],
    ['2026-06-29', 1, { '31-90': 1 }],
    ['2026-06-30', 1, { '91-180': 1 }],
    ['2026-09-27', 1, { '91-180': 1 }],
    ['2026-09-28', 1, { '181+': 1 }],
  ])('on %s counts %i', (today, overdue, age) => {
    const row = totalOf([commitment('a', { due })], today);
    expect(row.overdue).toBe(overdue);
    expect(row.overdueByAge).toEqual({ '1-30': 0, '31-90': 0, '91-180': 0, '181+': 0, ...age });
  });

  it('counts neither claims, nor what is closed, nor a start that was made', () => {
    const start = { ...due, kind: 'start' as const };
    const list = [
      commitment('a', { due }, { status: 'reported_complete' }),
      commitment('b', { due }, { status: 'superseded' }),
      commitment('c', { due: start }, { status: 'in_progress' }),
      commitment('d', { due: start }),
    ];
    expect(totalOf(list, '2026-04-01').overdue).toBe(1);
  });
});

it('counts as stale from the 90th day after the last update on, while open', () => {
  const list = [
    commitment('a'),
    commitment('b', {}, { reportedAt: '2026-02-01T00:00:00.000Z', status: 'in_progress' }),
    commitment('c', {}, { status: 'verified_complete' }),
  ];
  expect(totalOf(list, '2026-03-31').stale).toBe(0);
  expect(totalOf(list, '2026-04-01').stale).toBe(1);
  expect(totalOf(list, '2026-05-02').stale).toBe(2);
});

describe('on time', () => {
  const [original, current] = [day('2026-03-31'), day('2026-06-30')];
  const done = { status: 'verified_complete', originalDue: original, due: current } as const;

  it('is null until a due date has passed, and needs the claim by that date', () => {
    const list = [
      commitment('a', {}, { ...done, claimedOn: '2026-03-31' }),
      commitment('b', {}, { ...done, claimedOn: '2026-04-01' }),
      commitment('c', { due: current }),
    ];
    expect(totalOf(list, '2026-03-31')).toMatchObject({ onTimeRate: null, onTimeRateCurrent: null });
    expect(totalOf(list, '2026-04-01')).toMatchObject({ onTimeRate: 1 / 2, onTimeRateCurrent: null });
    expect(totalOf(list, '2026-07-01')).toMatchObject({ onTimeRate: 1 / 3, onTimeRateCurrent: 2 / 3 });
  });

  it('is not earned by a claim that nobody verified', () => {
    const claimed = commitment(
      'a',
      { due: original },
      { status: 'reported_complete', claimedOn: '2026-01-02' },
    );
    expect(totalOf([claimed], '2026-04-01').onTimeRate).toBe(0);
  });
});

it('sums the days from original to current, and averages progress unrounded', () => {
  const list = [
    commitment('a', {}, { originalDue: day('2026-02-28'), due: day('2026-03-02'), progress: 40 }),
    commitment('b', {}, { originalDue: null, due: day('2026-03-02') }),
    commitment('c', {}, { status: 'verified_complete', progress: 10 }),
  ];
  expect(totalOf(list, '2026-01-01')).toMatchObject({
    daysSlipped: 2,
    averageProgress: 140 / 3,
    total: 3,
    verified: 1,
  });
  expect(totalOf([], '2026-01-01')).toMatchObject({ averageProgress: null, total: 0 });
});

it('counts an amount with a shared key once, with the greatest that anyone names', () => {
  const amount = (fields: object) => ({ amount: 0, secured: 0, currency: 'USD', note: null, ...fields });
  const list = [
    commitment('a', {
      amounts: [amount({ amount: 23, sharedKey: 'k:1' }), amount({ amount: 5, secured: 2 })],
    }),
    commitment('b', { amounts: [amount({ amount: 23, secured: 9, sharedKey: 'k:1' })] }),
    commitment('c', { amounts: [amount({ amount: 23, secured: 1, currency: 'CHF', sharedKey: 'k:1' })] }),
    commitment('d', { amounts: [amount({ currency: 'EUR' })] }),
  ];
  expect(totalOf(list, '2026-01-01').amounts).toEqual([
    { currency: 'CHF', pledged: 23, secured: 1 },
    { currency: 'EUR', pledged: 0, secured: 0 },
    { currency: 'USD', pledged: 28, secured: 11 },
  ]);
});

describe('waiting', () => {
  const erp = { by: 'system', key: 'ERP' } as const;
  const total = { by: 'total', key: 'total' } as const;
  const has = (list: ReturnType<typeof commitment>[], group: { by: string; key: string }) => {
    const all = contributions(new Map(list.map((each) => [each.card.id, each])));
    return [...all]
      .filter(([, { waits }]) => waits.some(({ by, key }) => by === group.by && key === group.key))
      .map(([id]) => id);
  };

  it('reaches through closed commitments, ends at closed ones, and leaves out itself', () => {
    const list = [
      commitment('base', { systems: ['ERP'] }),
      commitment('between', { dependsOn: ['base'] }, { status: 'superseded' }),
      commitment('far', { dependsOn: ['between'] }),
      commitment('done', { dependsOn: ['base'] }, { status: 'verified_complete' }),
      commitment('free', { dependsOn: ['between-closed'] }),
    ];
    expect(has(list, total)).toEqual(['far']);
    expect(has(list, erp)).toEqual(['base', 'far']);
  });

  it('counts over all responses what it does not count inside one', () => {
    const own: Awaited = { response: 'r1', groups: [total] };
    const elsewhere: Awaited = { response: 'r2', groups: [total, erp] };
    expect(waitsOf(own, [elsewhere])).toEqual({ waits: [], waitsElsewhere: [erp, total] });
    expect(waitsOf(own, [own, elsewhere])).toEqual({ waits: [total], waitsElsewhere: [erp] });
    expect(waitsOf(null, [own, elsewhere])).toEqual({ waits: [], waitsElsewhere: [] });
  });

  it('does not depend on the order of what was learnt', () => {
    const { card, head } = commitment('a');
    const [b, c] = [commitment('b', { systems: ['ERP'] }), commitment('c', { systems: ['CRM'] })].map(
      (each) => awaited(each.card, each.head),
    ) as [Awaited, Awaited];
    expect(contributionOf(card, head, [b, c])).toEqual(contributionOf(card, head, [c, b]));
  });
});

describe('groups and rows', () => {
  it('puts a commitment without a value into the group without one', () => {
    const { card, head } = commitment('a', { indicators: [], kpis: [], areas: [], unit: null, systems: [] });
    const keys = Object.fromEntries(groupsOf(card, head).map(({ by, key }) => [by, key]));
    expect(keys).toEqual({
      total: 'total',
      status: 'not_started',
      indicator: null,
      kpi: null,
      area: null,
      unit: null,
      system: null,
      dueYear: null,
    });
  });

  it('names every status, also the empty ones, in the order of life', () => {
    const rows = rowsOf('status', new Map([['superseded', { 's:superseded': 2 }]]), [], '2026-01-01');
    expect(rows.map(({ key, total }) => [key, total])).toEqual([
      ['draft', 0],
      ['not_started', 0],
      ['in_progress', 0],
      ['reported_complete', 0],
      ['verified_complete', 0],
      ['closed_not_implemented', 0],
      ['superseded', 2],
    ]);
    expect(Object.keys(rows[0]?.byStatus ?? {})).toHaveLength(7);
  });

  it('labels from the framework, in its order, with "none" last, and leaves out what is empty', () => {
    const one = { 's:draft': 1 };
    const groups = new Map([
      [null, one],
      ['3.1', one],
      ['1.2', one],
      ['1.1', { 's:draft': 0 }],
      ['9.9', one],
    ]);
    expect(
      rowsOf('indicator', groups, [FRAMEWORK], '2026-01-01').map(({ key, label }) => [key, label]),
    ).toEqual([
      ['1.2', 'Two'],
      ['3.1', 'Four'],
      ['9.9', '9.9'],
      [null, 'No indicator'],
    ]);
  });
});
