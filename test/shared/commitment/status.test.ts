import { describe, expect, it } from 'vitest';
import type { Command } from '../../../shared/commitment/command.ts';
import { isRejection } from '../../../shared/commitment/rejection.ts';
import { isOpen, STATUSES, type Status, TRANSITIONS } from '../../../shared/commitment/status.ts';
import { asked, command, context, given, historyOf, OTHER, stateOf, VERIFIER } from '../../kit/given.ts';

const evidence = [{ title: 'Minutes', url: 'https://example.org/minutes' }];
const steps: Record<string, Command> = {
  publish: command('publish'),
  update: command('report-progress', { narrative: 'News.' }),
  start: command('report-progress', { narrative: 'Begun.', status: 'in_progress' }),
  claim: command('report-progress', { narrative: 'Done.', status: 'reported_complete', evidence }),
  verify: command('verify', { decision: 'verified', reason: 'Seen.' }),
  return: command('verify', { decision: 'returned', reason: 'Not yet.' }),
  extend: command('request-extension', { due: '2027-01-31', reason: 'Late tender.' }),
  grant: command('decide-extension', { decision: 'granted', reason: 'Yes.' }, 1),
  decline: command('decide-extension', { decision: 'declined', reason: 'No.' }, 1),
  close: command('close', { reasonCode: 'not_feasible', reason: 'Impossible.' }),
  supersede: command('supersede', { by: OTHER, reason: 'Merged.' }),
  reopen: command('reopen', { reason: 'It fell apart.' }),
};

/** Written by hand from the diagram of the lifecycle: the status after, `=` for the same one, `✗` for a step that is refused. */
const LIFECYCLE = `
            draft                   not_started             in_progress             reported_complete       verified_complete  closed_not_implemented  superseded
publish     not_started             ✗                       ✗                       ✗                       ✗                  ✗                       ✗
update      ✗                       =                       =                       =                       ✗                  ✗                       ✗
start       ✗                       in_progress             =                       ✗                       ✗                  ✗                       ✗
claim       ✗                       reported_complete       reported_complete       ✗                       ✗                  ✗                       ✗
verify      ✗                       ✗                       ✗                       verified_complete       ✗                  ✗                       ✗
return      ✗                       ✗                       ✗                       in_progress             ✗                  ✗                       ✗
extend      ✗                       =                       =                       =                       ✗                  ✗                       ✗
grant       =                       =                       =                       =                       ✗                  ✗                       ✗
decline     =                       =                       =                       =                       ✗                  ✗                       ✗
close       closed_not_implemented  closed_not_implemented  closed_not_implemented  closed_not_implemented  ✗                  ✗                       ✗
supersede   superseded              superseded              superseded              superseded              ✗                  ✗                       ✗
reopen      ✗                       ✗                       ✗                       ✗                       in_progress        in_progress             in_progress
`;

const [heads = [], ...rows] = LIFECYCLE.trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));
const cases = rows.flatMap(([step = '', ...ends]) =>
  ends.map((end, index) => ({ step, from: heads[index] as Status, end })),
);

/** An extension has to be pending before it can be decided. */
const past = (from: Status, step: string) => [
  ...historyOf(from),
  ...(step === 'grant' || step === 'decline' ? [asked(1, '2026-12-31')] : []),
];

describe('the lifecycle', () => {
  it('is written out for every status and every step', () => {
    expect(heads).toEqual([...STATUSES]);
    expect(cases).toHaveLength(STATUSES.length * Object.keys(steps).length);
    expect(rows.map(([step]) => step)).toEqual(Object.keys(steps));
  });

  it.each(cases)('$from, $step: $end', ({ step, from, end }) => {
    const outcome = given(past(from, step)).when(
      steps[step] as Command,
      context({ actor: VERIFIER, role: 'verifier' }),
    );
    if (end === '✗') outcome.rejected('transition-not-allowed');
    else {
      expect(isRejection(outcome.result)).toBe(false);
      expect(outcome.after().head.status).toBe(end === '=' ? from : end);
    }
  });

  it.each(cases.filter(({ end }) => end !== '✗'))(
    'a status that changes is told by one status_changed: $from, $step',
    ({ step, from, end }) => {
      const { result } = given(past(from, step)).when(
        steps[step] as Command,
        context({ actor: VERIFIER, role: 'verifier' }),
      );
      if (isRejection(result)) throw new Error(result.detail);
      const changes = result.events.filter(({ type }) => type === 'followthrough.commitment.status_changed');
      expect(changes.map(({ data }) => data)).toMatchObject(end === '=' ? [] : [{ from, to: end }]);
    },
  );

  it('reaches every status of a history by its own events', () => {
    for (const status of STATUSES) expect(stateOf(historyOf(status)).head.status).toBe(status);
  });

  it('calls the four first statuses open', () => {
    expect(STATUSES.filter(isOpen)).toEqual(STATUSES.slice(0, 4));
  });

  it('has one row for each step, so that no second one is overlooked', () => {
    const names = TRANSITIONS.map(({ step }) => step);
    expect(new Set(names).size).toBe(names.length);
  });
});
