import type { Action, Happened } from './event.ts';
import { type Rejection, reject } from './rejection.ts';

/** What follows from an accepted command: the audit verb and one or more events. */
export interface Decision {
  action: Action;
  events: Happened[];
}

export const notAllowed = (step: string, from: string): Rejection =>
  reject('transition-not-allowed', `A commitment that is ${from} can't take the step “${step}”.`);

/** Runs `then` with the reason, or rejects where it is missing or blank. */
export function withReason<T>(
  reason: string | undefined,
  what: string,
  then: (reason: string) => T,
): T | Rejection {
  if (reason) return then(reason);
  const detail = `${what} needs a reason.`;
  return reject('reason-required', detail, [{ pointer: '/reason', code: 'reason-required', detail }]);
}
