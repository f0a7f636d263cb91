import type { Body, Command, Context } from './command.ts';
import { decideExtension, requestExtension } from './decide-extensions.ts';
import { reportOccurrence, reportProgress } from './decide-progress.ts';
import { type Decision, notAllowed, withReason } from './decision.ts';
import { type Action, EVENT_TYPES } from './event.ts';
import { type Rejection, reject } from './rejection.ts';
import { withinRoom } from './room.ts';
import type { Commitment } from './state.ts';
import { type Step, transition } from './status.ts';

/** Decides one command on a commitment that stands. Pure: the day, the actor and what other records say come in as `context`. */
export const decide = (command: Command, state: Commitment, context: Context): Decision | Rejection =>
  withinRoom(decideAlone(command, state, context), state);

function decideAlone(command: Command, state: Commitment, context: Context): Decision | Rejection {
  switch (command.name) {
    case 'publish':
      return move(state, 'publish', 'publish');
    case 'report-progress':
      return reportProgress(command.body, state, context);
    case 'report-occurrence':
      return reportOccurrence(command.body, command.n ?? 0, state, context);
    case 'verify':
      return verify(command.body, state, context);
    case 'request-extension':
      return requestExtension(command.body, state, context);
    case 'decide-extension':
      return decideExtension(command.body, command.n ?? 0, state, context);
    case 'close': {
      const { reason, reasonCode } = command.body;
      return withReason(reason, 'A closure', (given) =>
        move(state, 'close', 'close', { reason: given, reasonCode }),
      );
    }
    case 'supersede':
      return supersede(command.body, state, context);
    case 'reopen':
      return withReason(command.body.reason, 'A reopening', (given) =>
        move(state, 'reopen', 'reopen', { reason: given }),
      );
  }
}

function verify(body: Body<'verify'>, state: Commitment, context: Context): Decision | Rejection {
  const [step, action] =
    body.decision === 'verified' ? (['verify', 'verify'] as const) : (['return', 'return'] as const);
  const moved = move(state, step, action, body.reason ? { reason: body.reason } : {});
  if ('rejected' in moved) return moved;
  if (state.head.reporters.includes(context.actor))
    return reject('self-verification', 'You reported on this commitment, so somebody else has to verify it.');
  return body.decision === 'verified' ? moved : withReason(body.reason, 'A return', () => moved);
}

function supersede(body: Body<'supersede'>, state: Commitment, context: Context): Decision | Rejection {
  if (body.by === state.card.id || !context.replacementExists)
    return reject('invalid-body', 'A commitment is superseded by another one that exists.', [
      { pointer: '/by', code: 'unknown-commitment', detail: 'names no other commitment' },
    ]);
  return withReason(body.reason, 'A supersession', (reason) =>
    move(state, 'supersede', 'supersede', { reason, by: body.by }),
  );
}

function move(state: Commitment, step: Step, action: Action, extra: object = {}): Decision | Rejection {
  const from = state.head.status;
  const to = transition(step, from);
  if (to === null) return notAllowed(step, from);
  return { action, events: [{ type: EVENT_TYPES.statusChanged, data: { from, to, ...extra } }] };
}
