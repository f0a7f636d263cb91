import type { Actor } from '../../shared/commitment/event.ts';
import type { FieldError } from '../../shared/commitment/rejection.ts';
import type { Answer } from '../../shared/lambda/http.ts';
import { problem } from '../../shared/lambda/problem.ts';
import type { Log } from '../../shared/runtime/log.ts';
import type { Act, Acts } from '../../shared/store/acts.ts';
import type { Eraser } from '../../shared/store/erase.ts';
import type { Erasure, Erasures } from '../../shared/store/erasures.ts';
import type { People } from '../../shared/store/people.ts';
import type { Subscriptions } from '../../shared/store/subscriptions.ts';

/** What the handlers of erasures work with. */
export interface Office {
  erasures: Erasures;
  eraser: Eraser;
  people: Pick<People, 'find'>;
  subscriptions: Pick<Subscriptions, 'ofOwner' | 'remove'>;
  acts: Acts;
  newId: (kind: 'era' | 'cmd') => string;
  log: Log;
}

/** The record for the trail of a step in an erasure: what it is about, without a word of what is to be erased. */
export const actOn = (
  { id, subject, reasonCode }: Erasure,
  step: Pick<
    Act,
    'action' | 'actor' | 'time' | 'commandId' | 'correlation' | 'route' | 'facts' | 'onBehalfOf'
  >,
): Act => ({
  ...step,
  target: { type: 'erasure', id },
  reasonCode,
  facts: { ...subject, ...step.facts },
});

/** An erasure as the API shows it. */
export const represent = ({ settledAt: _, requestedBy, decidedBy, ...erasure }: Erasure) => ({
  ...erasure,
  requestedBy: person(requestedBy),
  decidedBy: decidedBy && person(decidedBy),
});

const person = ({ id, role }: Actor) => ({ id, role });

export const answerErasure = (status: 200 | 201, erasure: Erasure, replayed = false): Answer => ({
  status,
  headers: {
    'cache-control': 'no-store',
    ...(status === 201 && { location: `/v1/erasures/${erasure.id}` }),
    ...(replayed && { 'idempotency-replayed': 'true' }),
  },
  body: represent(erasure),
});

export const invalid = (errors: FieldError[]): Answer =>
  problem('invalid-body', 'Nothing was erased. Mend the fields named here and send it again.', { errors });

export const keyReused = (): Answer =>
  problem('idempotency-key-reused', 'This key was sent with another body. Draw a new key.');

export const notFound = (): Answer => problem('not-found', 'There is no erasure with this id.');
