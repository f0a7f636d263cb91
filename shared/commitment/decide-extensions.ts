import type { Body, Context } from './command.ts';
import { lastDay } from './dates.ts';
import { type Decision, notAllowed, withReason } from './decision.ts';
import { EVENT_TYPES } from './event.ts';
import { type Rejection, reject } from './rejection.ts';
import type { Commitment } from './state.ts';
import { isOpen } from './status.ts';

/** A request for a later due date; a commitment without a date may be given its first one this way. */
export function requestExtension(
  body: Body<'request-extension'>,
  state: Commitment,
  context: Context,
): Decision | Rejection {
  if (context.role === 'focal-point' && !context.ownsUnit)
    return reject('not-your-unit', 'This commitment belongs to a unit whose focal point you are not.');
  const { status, due: current } = state.head;
  if (!isOpen(status) || status === 'draft' || current?.kind === 'recurring')
    return notAllowed('request an extension', current?.kind === 'recurring' ? 'recurring' : status);
  if (state.extensions.some(({ decision }) => decision === null))
    return reject('extension-pending', 'An extension was requested already and awaits its decision.');
  const due = lastDay(body.due, body.precision);
  if (current?.date && due <= current.date) {
    const detail = `An extension has to be later than the current due date, ${current.date}.`;
    return reject('extension-not-later', detail, [{ pointer: '/due', code: 'extension-not-later', detail }]);
  }
  const n = state.head.extensions + 1;
  return withReason(body.reason, 'An extension', (reason) => ({
    action: 'request-extension' as const,
    events: [{ type: EVENT_TYPES.extensionRequested, data: { n, due, precision: body.precision, reason } }],
  }));
}

/** The coordinator's answer; never by the person who asked. */
export function decideExtension(
  body: Body<'decide-extension'>,
  n: number,
  state: Commitment,
  context: Context,
): Decision | Rejection {
  const extension = state.extensions.find((candidate) => candidate.n === n);
  if (!extension) return reject('not-found', `This commitment has no extension ${n}.`);
  if (extension.decision)
    return reject('already-decided', `Extension ${n} was ${extension.decision} already.`);
  if (!isOpen(state.head.status)) return notAllowed('decide an extension', state.head.status);
  if (extension.requestedBy === context.actor)
    return reject('self-decision', 'You requested this extension, so somebody else has to decide it.');
  const { due, precision } = extension;
  const data = { n, due, precision, ...(body.reason && { reason: body.reason }) };
  if (body.decision === 'granted')
    return { action: 'grant-extension', events: [{ type: EVENT_TYPES.extensionGranted, data }] };
  return withReason(body.reason, 'A declined extension', () => ({
    action: 'decline-extension' as const,
    events: [{ type: EVENT_TYPES.extensionDeclined, data }],
  }));
}
