import { describe, expect, it } from 'vitest';
import { EVENT_TYPES, type Registered } from '../../../shared/commitment/event.ts';
import {
  asFocalPoint,
  asked,
  command,
  context,
  given,
  granted,
  historyOf,
  moved,
  registered,
  stateOf,
} from '../../kit/given.ts';

const open = historyOf('in_progress');
const request = (due: string, precision = 'day') =>
  command('request-extension', { due, precision, reason: 'The tender was late.' });
const answer = (decision: string, n = 1, reason?: string) =>
  command('decide-extension', { decision, reason }, n);

describe('a request for an extension', () => {
  it('asks for the last day of the period it names', () => {
    const days = { day: '2026-08-05', month: '2026-08-31', quarter: '2026-09-30', year: '2026-12-31' };
    for (const [precision, due] of Object.entries(days))
      given(open)
        .when(request('2026-08-05', precision), asFocalPoint)
        .yields({
          type: EVENT_TYPES.extensionRequested,
          data: { n: 1, due, precision: precision as 'day', reason: 'The tender was late.' },
        });
  });

  it('changes no date before it is granted', () => {
    expect(given(open).when(request('2026-12-31'), asFocalPoint).after().head.due?.date).toBe('2026-06-30');
  });

  it('has to be later than the current due date, in its own precision', () => {
    given(open).when(request('2026-06-30'), asFocalPoint).rejected('extension-not-later', '/due');
    given(open).when(request('2026-04-01', 'quarter'), asFocalPoint).rejected('extension-not-later', '/due');
    given([...open, asked(1, '2027-01-31'), granted(1, '2027-01-31')])
      .when(request('2026-12-31'), asFocalPoint)
      .rejected('extension-not-later', '/due');
    expect(given(open).when(request('2026-06-01', 'year'), asFocalPoint).after().extensions[0]?.due).toBe(
      '2026-12-31',
    );
  });

  it('gives a first date to what has none, and leaves its original date empty', () => {
    for (const due of [
      null,
      { date: null, precision: null, kind: 'none', text: 'soon' },
    ] satisfies Registered['due'][]) {
      const asked = given([registered({ due })])
        .when(request('2020-01-01'), asFocalPoint)
        .after();
      const after = given(asked).when(answer('granted')).after();
      expect(after.head.due).toEqual({ date: '2020-01-01', precision: 'day', kind: 'complete', text: null });
      expect(after.head.originalDue).toEqual(due);
    }
  });

  it('waits for the one before it', () => {
    given([...open, asked(1, '2026-12-31')])
      .when(request('2027-12-31'), asFocalPoint)
      .rejected('extension-pending');
    const decided = [...open, asked(1, '2026-12-31'), granted(1, '2026-12-31')];
    expect(given(decided).when(request('2027-12-31'), asFocalPoint).after().extensions[1]?.n).toBe(2);
  });

  it('is not for what recurs, nor for another unit', () => {
    given([registered({ due: { date: null, precision: null, kind: 'recurring', text: null } })])
      .when(request('2027-01-01'), asFocalPoint)
      .rejected('transition-not-allowed');
    given(open)
      .when(request('2027-01-01'), context({ role: 'focal-point' }))
      .rejected('not-your-unit');
  });

  it('needs a reason', () => {
    given(open)
      .when(command('request-extension', { due: '2027-01-01' }), asFocalPoint)
      .rejected('reason-required', '/reason');
  });
});

describe('the decision of an extension', () => {
  const pending = [...open, asked(1, '2026-12-31')];

  it('grants the date that was asked for, and keeps the kind of promise', () => {
    const started = [
      registered({ due: { date: '2026-03-31', precision: 'day', kind: 'start', text: 'in March' } }),
      asked(1, '2026-12-31'),
    ];
    const after = given(started).when(answer('granted')).yields(granted(1, '2026-12-31')).after();
    expect(after.head.due).toEqual({ date: '2026-12-31', precision: 'day', kind: 'start', text: null });
    expect(after.head.originalDue?.date).toBe('2026-03-31');
    expect(after.extensions[0]).toMatchObject({
      decision: 'granted',
      decidedBy: 'psn_coordinator',
      decisionReason: null,
    });
  });

  it('declines with a reason only, and moves nothing', () => {
    given(pending).when(answer('declined')).rejected('reason-required', '/reason');
    const after = given(pending)
      .when(answer('declined', 1, 'Twice is enough.'))
      .after();
    expect(after.head.due?.date).toBe('2026-06-30');
    expect(after.extensions[0]).toMatchObject({ decision: 'declined', decisionReason: 'Twice is enough.' });
  });

  it('is given once', () => {
    const decided = [...pending, granted(1, '2026-12-31')];
    for (const decision of ['granted', 'declined'])
      given(decided)
        .when(answer(decision, 1, 'Again.'))
        .rejected('already-decided');
  });

  it('is never by the person who asked', () => {
    const own = given(open).when(request('2026-12-31'), context()).after();
    for (const decision of ['granted', 'declined'])
      given(own)
        .when(answer(decision, 1, 'Mine.'), context())
        .rejected('self-decision');
    given(own)
      .when(answer('granted'), context({ actor: 'psn_other' }))
      .yields(granted(1, '2026-12-31'));
  });

  it('knows which extensions there are', () => {
    for (const n of [0, 2, 99]) given(pending).when(answer('granted', n)).rejected('not-found');
  });

  it('may come after a reopening', () => {
    const reopened = [...pending, moved('in_progress', 'superseded'), moved('superseded', 'in_progress')];
    given(reopened).when(answer('granted')).yields(granted(1, '2026-12-31'));
    expect(stateOf(reopened).head.extensions).toBe(1);
  });
});
