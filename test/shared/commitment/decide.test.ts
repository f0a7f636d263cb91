import { describe, expect, it } from 'vitest';
import { REASON_CODES, STATUSES } from '../../../shared/commitment/status.ts';
import {
  asFocalPoint,
  asked,
  asVerifier,
  command,
  context,
  given,
  granted,
  historyOf,
  ID,
  moved,
  OTHER,
  registered,
  reported,
  stateOf,
  VERIFIER,
  WORKER,
} from '../../kit/given.ts';

const claimed = historyOf('reported_complete');
const verified = command('verify', { decision: 'verified' });
const returned = command('verify', { decision: 'returned', reason: 'The annex is missing.' });

describe('a verification', () => {
  it('confirms a claim; a reason is welcome but not needed', () => {
    given(claimed).when(verified, asVerifier).yields(moved('reported_complete', 'verified_complete'));
    given(claimed)
      .when(command('verify', { decision: 'verified', reason: 'Seen.' }), asVerifier)
      .yields(moved('reported_complete', 'verified_complete', { reason: 'Seen.' }));
  });

  it('keeps the day of the claim, and a return takes the claim away', () => {
    const claimedOn = given(claimed).when(verified, asVerifier).after().head.claimedOn;
    expect(claimedOn).toBe('2026-01-03');
    expect(given(claimed).when(returned, asVerifier).after().head.claimedOn).toBeNull();
  });

  it('returns only with a reason, and blanks are none', () => {
    given(claimed)
      .when(command('verify', { decision: 'returned' }), asVerifier)
      .rejected('reason-required', '/reason');
    given(claimed)
      .when(command('verify', { decision: 'returned', reason: ' \n ' }), asVerifier)
      .rejected('reason-required', '/reason');
  });

  it.each([verified, returned])('is never by a person who reported on it: $body.decision', (asked) => {
    given(claimed)
      .when(asked, context({ actor: WORKER, role: 'verifier' }))
      .rejected('self-verification');
  });

  it('remembers reporters through a return and a second claim by somebody else', () => {
    const first = given([registered(), reported()]).when(
      command('report-progress', {
        narrative: 'Done.',
        status: 'reported_complete',
        evidence: [{ title: 'T', url: 'https://example.org/' }],
      }),
      context({ actor: 'psn_second' }),
    );
    given(first.after())
      .when(verified, context({ actor: WORKER }))
      .rejected('self-verification');
    given(first.after())
      .when(verified, context({ actor: 'psn_second' }))
      .rejected('self-verification');
    given(first.after()).when(verified, asVerifier).yields(moved('reported_complete', 'verified_complete'));
  });

  it('takes who reported on an occurrence as a reporter too', () => {
    const recurring = [registered({ recurrence: { text: 'yearly', frequency: 'yearly', from: null } })];
    const after = given(recurring)
      .when(command('report-occurrence', { narrative: 'First.' }, 1), context({ actor: VERIFIER }))
      .after();
    expect(after.head.reporters).toEqual([VERIFIER]);
  });
});

describe('a closure', () => {
  it.each(REASON_CODES)('carries its reason and the code %s', (reasonCode) => {
    const outcome = given(historyOf('in_progress')).when(
      command('close', { reasonCode, reason: ' Because. ' }),
    );
    outcome.yields(moved('in_progress', 'closed_not_implemented', { reason: 'Because.', reasonCode }));
    expect(outcome.after().head.closure).toEqual({ reasonCode, reason: 'Because.' });
  });

  it('needs a reason beside the code', () => {
    given(historyOf('draft'))
      .when(command('close', { reasonCode: 'other' }))
      .rejected('reason-required', '/reason');
  });

  it('is forgotten by a reopening', () => {
    const after = given(historyOf('closed_not_implemented'))
      .when(command('reopen', { reason: 'Funds came.' }), asVerifier)
      .yields(moved('closed_not_implemented', 'in_progress', { reason: 'Funds came.' }))
      .after();
    expect(after.head).toMatchObject({ status: 'in_progress', closure: null, claimedOn: null });
  });
});

describe('a supersession', () => {
  it('links to what replaces it', () => {
    const after = given(historyOf('not_started'))
      .when(command('supersede', { by: OTHER, reason: 'Merged.' }))
      .yields(moved('not_started', 'superseded', { reason: 'Merged.', by: OTHER }))
      .after();
    expect(after.head.supersededBy).toBe(OTHER);
    expect(
      given(after)
        .when(command('reopen', { reason: 'Split again.' }))
        .after().head.supersededBy,
    ).toBeNull();
  });

  it('is never by itself, nor by something that does not exist', () => {
    given(historyOf('not_started'))
      .when(command('supersede', { by: ID, reason: 'Loop.' }))
      .rejected('invalid-body', '/by');
    given(historyOf('not_started'))
      .when(command('supersede', { by: OTHER, reason: 'Ghost.' }), context({ replacementExists: false }))
      .rejected('invalid-body', '/by');
    const { replacementExists: _, ...unknown } = context();
    given(historyOf('not_started'))
      .when(command('supersede', { by: OTHER, reason: 'Ghost.' }), unknown)
      .rejected('invalid-body', '/by');
  });

  it('needs a reason', () => {
    given(historyOf('not_started'))
      .when(command('supersede', { by: OTHER }))
      .rejected('reason-required', '/reason');
  });
});

describe('a reopening', () => {
  it('needs a reason', () => {
    for (const status of ['verified_complete', 'closed_not_implemented', 'superseded'] as const)
      given(historyOf(status)).when(command('reopen'), asVerifier).rejected('reason-required', '/reason');
  });

  it('opens the whole lifecycle again, the evidence still there', () => {
    const open = given(historyOf('verified_complete'))
      .when(command('reopen', { reason: 'Undone.' }), asVerifier)
      .after();
    given(open)
      .when(command('report-progress', { narrative: 'Mended.', status: 'reported_complete' }), asFocalPoint)
      .yields(reported('Mended.'), moved('in_progress', 'reported_complete'));
  });
});

describe('a publication', () => {
  it('starts the life of a draft', () => {
    given(historyOf('draft')).when(command('publish')).yields(moved('draft', 'not_started'));
  });
});

describe('the original due date', () => {
  it.each(STATUSES)('survives a granted extension: %s', (status) => {
    const { head } = stateOf([...historyOf(status), asked(1, '2027-12-31'), granted(1, '2027-12-31')]);
    expect(head.originalDue).toEqual({
      date: '2026-06-30',
      precision: 'quarter',
      kind: 'complete',
      text: 'mid-2026',
    });
    expect(head.due?.date).toBe('2027-12-31');
  });
});
