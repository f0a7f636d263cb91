import type { Body, Context } from './command.ts';
import { addMonths, isDate } from './dates.ts';
import type { Decision } from './decision.ts';
import { EVENT_TYPES, type Happened, type ProgressReported } from './event.ts';
import { type Rejection, reject } from './rejection.ts';
import { FREQUENCIES } from './schema.ts';
import type { Commitment, Occurrence } from './state.ts';
import { isOpen, type Status, transition } from './status.ts';

type Report = Body<'report-progress'>;

/** A focal point's (or coordinator's) update: a report, perhaps a change of status, perhaps evidence. */
export function reportProgress(body: Report, state: Commitment, context: Context): Decision | Rejection {
  const refused = mayReport(body, state, context);
  if (refused) return refused;
  const { status: from } = state.head;
  const to = body.status ? transition(body.status === 'in_progress' ? 'start' : 'claim', from) : from;
  if (to === null) return stuck(body.status, from);
  const unproven = claimWithoutEvidence(body, state);
  if (unproven) return unproven;
  const events: Happened[] = [{ type: EVENT_TYPES.progressReported, data: reportOf(body) }];
  if (to !== from) events.push({ type: EVENT_TYPES.statusChanged, data: { from, to } });
  return { action: 'report-progress', events: [...events, ...evidenceOf(body, state)] };
}

/** The same for one occurrence of a recurring commitment; occurrences begin at 1 and are taken in order. */
export function reportOccurrence(
  body: Report,
  n: number,
  state: Commitment,
  context: Context,
): Decision | Rejection {
  const known = state.occurrences.find((occurrence) => occurrence.n === n);
  if (state.card.recurrence === null && state.head.due?.kind !== 'recurring')
    return reject('not-found', 'This commitment does not recur, so it has no occurrences.');
  if (!known && n !== state.occurrences.length + 1)
    return reject('not-found', `The next occurrence to report on is ${state.occurrences.length + 1}.`);
  const refused = mayReport(body, state, context);
  if (refused) return refused;
  const status = occurrenceStatus(body, known);
  if (status === null) return stuck(body.status, known?.status ?? 'not_started');
  const unproven = claimWithoutEvidence(body, state);
  if (unproven) return unproven;
  const occurrence = { n, status, due: known?.due ?? occurrenceDue(state, n) };
  return {
    action: 'report-progress',
    events: [
      { type: EVENT_TYPES.progressReported, data: { ...reportOf(body), occurrence } },
      ...evidenceOf(body, state),
    ],
  };
}

function mayReport(body: Report, state: Commitment, context: Context): Rejection | null {
  if (context.role === 'focal-point' && !context.ownsUnit)
    return reject('not-your-unit', 'This commitment belongs to a unit whose focal point you are not.');
  const { status } = state.head;
  if (!isOpen(status) || status === 'draft') return stuck(body.status, status);
  const unknown = body.amountsSecured.findIndex(
    ({ currency }) => !state.head.amounts.some((amount) => amount.currency === currency),
  );
  if (unknown < 0) return null;
  const detail = 'is not a currency of an amount of this commitment';
  return reject('invalid-body', 'An amount was reported that this commitment does not have.', [
    { pointer: `/amountsSecured/${unknown}/currency`, code: 'unknown-currency', detail },
  ]);
}

const stuck = (asked: string | undefined, from: Status): Rejection =>
  reject(
    'transition-not-allowed',
    asked
      ? `A commitment that is ${from} can't be reported as ${asked}.`
      : `A commitment that is ${from} takes no updates.`,
  );

/** A claim needs evidence on the commitment, old or new. */
function claimWithoutEvidence(body: Report, state: Commitment): Rejection | null {
  if (body.status !== 'reported_complete' || body.evidence.length > 0 || state.head.evidence > 0) return null;
  const detail = 'A report of completion needs at least one item of evidence on the commitment.';
  return reject('evidence-required', detail, [{ pointer: '/evidence', code: 'evidence-required', detail }]);
}

function reportOf(body: Report): ProgressReported {
  const { narrative, progress, amountsSecured, measurements } = body;
  return {
    narrative,
    ...(progress !== undefined && { progress }),
    ...(amountsSecured.length > 0 && { amountsSecured }),
    ...(measurements.length > 0 && {
      measurements: measurements.map(({ name, value, unit }) => ({ name, value, ...(unit && { unit }) })),
    }),
  };
}

function evidenceOf(body: Report, state: Commitment): Happened[] {
  if (body.evidence.length === 0) return [];
  const items = body.evidence.map(({ title, url, sha256 }, index) => ({
    n: state.head.evidence + index + 1,
    title,
    url,
    ...(sha256 && { sha256 }),
  }));
  return [{ type: EVENT_TYPES.evidenceAdded, data: { items } }];
}

/** An occurrence claimed complete stays so: the next one is another. */
function occurrenceStatus(body: Report, known: Occurrence | undefined): Status | null {
  if (known?.status === 'reported_complete') return body.status ? null : 'reported_complete';
  return body.status ?? known?.status ?? 'in_progress';
}

function occurrenceDue(state: Commitment, n: number): string | null {
  const { frequency, from } = state.card.recurrence ?? { frequency: null, from: null };
  const due = frequency && from ? addMonths(from, FREQUENCIES[frequency] * n) : null;
  // Past the year 9999 there is no day to write.
  return due && isDate(due) ? due : null;
}
