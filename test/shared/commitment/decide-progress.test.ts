import { describe, expect, it } from 'vitest';
import { EVENT_TYPES, type Happened, type Registered } from '../../../shared/commitment/event.ts';
import {
  asFocalPoint,
  command,
  context,
  given,
  historyOf,
  moved,
  proven,
  registered,
  reported,
  stateOf,
} from '../../kit/given.ts';

const evidence = [{ title: 'Minutes', url: 'https://example.org/minutes', sha256: 'b'.repeat(64) }];
const claim = command('report-progress', { narrative: 'Done.', status: 'reported_complete' });
const stranger = context({ role: 'focal-point', ownsUnit: false });

describe('an update', () => {
  it('holds what was reported and nothing else', () => {
    given(historyOf('in_progress'))
      .when(command('report-progress', { narrative: ' News. ' }), asFocalPoint)
      .yields(reported('News.'));
    given(historyOf('in_progress'))
      .when(
        command('report-progress', {
          narrative: 'News.',
          progress: 0,
          measurements: [
            { name: 'Staff trained', value: '12.50' },
            { name: 'Cost', value: '3', unit: 'CHF' },
          ],
        }),
        asFocalPoint,
      )
      .yields({
        type: EVENT_TYPES.progressReported,
        data: {
          narrative: 'News.',
          progress: 0,
          measurements: [
            { name: 'Staff trained', value: '12.50' },
            { name: 'Cost', value: '3', unit: 'CHF' },
          ],
        },
      });
  });

  it('keeps the last progress where a later update gives none', () => {
    const first = given(historyOf('in_progress'))
      .when(command('report-progress', { narrative: 'A.', progress: 40 }), asFocalPoint)
      .after();
    const second = given(first)
      .when(command('report-progress', { narrative: 'B.' }), asFocalPoint)
      .after();
    expect(second.head).toMatchObject({ progress: 40, narrative: 'B.' });
  });

  it('says the same status again without a change of status', () => {
    given(historyOf('in_progress'))
      .when(command('report-progress', { narrative: 'Still.', status: 'in_progress' }), asFocalPoint)
      .yields(reported('Still.'));
  });

  it('tells report, change of status and evidence in this order', () => {
    given(historyOf('not_started'))
      .when(
        command('report-progress', { narrative: 'Done.', status: 'reported_complete', evidence }),
        asFocalPoint,
      )
      .yields(reported('Done.'), moved('not_started', 'reported_complete'), {
        type: EVENT_TYPES.evidenceAdded,
        data: { items: [{ n: 1, ...evidence[0] }] } as never,
      });
  });

  it('keeps evidence with its hash, its day and its giver', () => {
    const state = given(historyOf('not_started'))
      .when(command('report-progress', { narrative: 'News.', evidence }), asFocalPoint)
      .after();
    expect(state.evidence).toEqual([
      { n: 1, ...evidence[0], addedAt: '2026-01-03T09:00:00.000Z', addedBy: 'psn_worker' },
    ]);
    expect(stateOf([registered(), proven()]).evidence[0]?.sha256).toBeNull();
  });

  it('numbers evidence on from what is there', () => {
    const two = [...evidence, { title: 'Photo', url: 'https://example.org/photo' }];
    const { result } = given([...historyOf('in_progress'), proven(1), proven(2)]).when(
      command('report-progress', { narrative: 'More.', evidence: two }),
      asFocalPoint,
    );
    expect(result).toMatchObject({ events: [{}, { data: { items: [{ n: 3 }, { n: 4 }] } }] });
  });

  it('is for the focal point of the unit; a coordinator may always', () => {
    const update = command('report-progress', { narrative: 'News.' });
    given(historyOf('in_progress')).when(update, stranger).rejected('not-your-unit');
    given(historyOf('in_progress'))
      .when(update, context({ ownsUnit: false }))
      .yields(reported('News.'));
  });
});

describe('a claim', () => {
  it('needs evidence on the commitment', () => {
    given(historyOf('in_progress')).when(claim, asFocalPoint).rejected('evidence-required', '/evidence');
  });

  it('may rest on old evidence', () => {
    given([...historyOf('in_progress'), proven()])
      .when(claim, asFocalPoint)
      .yields(reported('Done.'), moved('in_progress', 'reported_complete'));
  });

  it('takes updates without a status, and none with one', () => {
    given(historyOf('reported_complete'))
      .when(command('report-progress', { narrative: 'A footnote.' }), asFocalPoint)
      .yields(reported('A footnote.'));
    for (const status of ['in_progress', 'reported_complete'])
      given(historyOf('reported_complete'))
        .when(command('report-progress', { narrative: 'Again.', status, evidence }), asFocalPoint)
        .rejected('transition-not-allowed');
  });

  it('of the response itself carries no evidence: once returned, it needs some', () => {
    const done = registered({ kind: 'done', status: 'reported_complete', claimedOn: '2024-01-24' });
    given([done, moved('reported_complete', 'in_progress', { reason: 'Where?' })])
      .when(claim, asFocalPoint)
      .rejected('evidence-required', '/evidence');
  });

  it('counts from the day it was made', () => {
    const state = given([...historyOf('in_progress'), proven()])
      .when(claim, asFocalPoint)
      .after();
    expect(state.head.claimedOn).toBe(state.head.updatedAt.slice(0, 10));
  });
});

describe('amounts secured', () => {
  const amounts: Registered['amounts'] = [
    { amount: 2_300_000_000, currency: 'USD', note: null, secured: 0, sharedKey: 'k' },
    { amount: 500, currency: 'CHF', note: null, secured: 0 },
    { amount: 700, currency: 'USD', note: null, secured: 0 },
  ];
  const secure = (amount: number, currency: string) =>
    command('report-progress', { narrative: 'Money.', amountsSecured: [{ amount, currency }] });

  it('are the total so far of the first amount in that currency', () => {
    const first = given([registered({ amounts })])
      .when(secure(100, 'USD'), asFocalPoint)
      .after();
    const second = given(first).when(secure(250, 'USD'), asFocalPoint).after();
    expect(second.head.amounts.map(({ secured }) => secured)).toEqual([250, 0, 0]);
  });

  it('are refused in a currency that was never promised', () => {
    given([registered({ amounts })])
      .when(secure(1, 'EUR'), asFocalPoint)
      .rejected('invalid-body', '/amountsSecured/0/currency');
    given([registered()])
      .when(secure(1, 'USD'), asFocalPoint)
      .rejected('invalid-body', '/amountsSecured/0/currency');
  });
});

describe('an occurrence', () => {
  const yearly = { text: 'each year', frequency: 'yearly', from: '2024-02-29' } as const;
  const recurring = [
    registered({ recurrence: yearly, due: { date: null, precision: null, kind: 'recurring', text: null } }),
  ];
  const report = (n: number, body: object = {}) =>
    command('report-occurrence', { narrative: 'Held.', ...body }, n);
  const held = (n: number, status: string, due: string | null): Happened =>
    ({
      type: EVENT_TYPES.progressReported,
      data: { narrative: 'Held.', occurrence: { n, status, due } },
    }) as Happened;

  it('has its own due date, one period after the other, and leaves the status of the commitment alone', () => {
    const first = given(recurring)
      .when(report(1), asFocalPoint)
      .yields(held(1, 'in_progress', '2025-02-28'));
    expect(first.after().head.status).toBe('not_started');
    const second = given(first.after())
      .when(report(2), asFocalPoint)
      .yields(held(2, 'in_progress', '2026-02-28'));
    const again = given(second.after())
      .when(report(1, { progress: 90 }), asFocalPoint)
      .after();
    expect(again.occurrences.map(({ n, progress }) => [n, progress])).toEqual([
      [1, 90],
      [2, null],
    ]);
  });

  it('keeps the due date it was given, and its claim', () => {
    const claimed = given(recurring)
      .when(report(1, { status: 'reported_complete', evidence }), asFocalPoint)
      .after();
    const [occurrence] = claimed.occurrences;
    expect(occurrence).toMatchObject({
      due: '2025-02-28',
      status: 'reported_complete',
      claimedOn: '2026-01-02',
    });
    const later = given(claimed)
      .when(report(1), asFocalPoint)
      .yields(held(1, 'reported_complete', '2025-02-28'))
      .after();
    expect(later.occurrences[0]?.claimedOn).toBe('2026-01-02');
    given(claimed)
      .when(report(1, { status: 'in_progress' }), asFocalPoint)
      .rejected('transition-not-allowed');
  });

  it('claimed complete needs evidence', () => {
    given(recurring)
      .when(report(1, { status: 'reported_complete' }), asFocalPoint)
      .rejected('evidence-required', '/evidence');
  });

  it('comes in order, from 1, and only where something recurs', () => {
    for (const n of [0, 2, -1]) given(recurring).when(report(n), asFocalPoint).rejected('not-found');
    given([registered()]).when(report(1), asFocalPoint).rejected('not-found');
  });

  it('is for the focal point of the unit, and not for a closed commitment', () => {
    given(recurring).when(report(1), stranger).rejected('not-your-unit');
    given([...recurring, moved('not_started', 'superseded')])
      .when(report(1), asFocalPoint)
      .rejected('transition-not-allowed');
    given([registered({ recurrence: yearly, status: 'draft' })])
      .when(report(1), asFocalPoint)
      .rejected('transition-not-allowed');
  });

  it('has no due date where no frequency says one, or the calendar ends', () => {
    const words = registered({ recurrence: { text: 'per session', frequency: null, from: null } });
    given([words])
      .when(report(1), asFocalPoint)
      .yields(held(1, 'in_progress', null));
    const late = registered({ recurrence: { text: null, frequency: 'monthly', from: '9999-12-31' } });
    given([late])
      .when(report(1), asFocalPoint)
      .yields(held(1, 'in_progress', null));
  });

  it('reports no progress of the commitment as a whole', () => {
    const state = given(recurring)
      .when(report(1, { progress: 80 }), asFocalPoint)
      .after();
    expect([state.head.progress, state.occurrences[0]?.progress]).toEqual([null, 80]);
    expect(stateOf(recurring).head.occurrences).toBe(0);
    expect(state.head.occurrences).toBe(1);
  });
});
