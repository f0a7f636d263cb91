import { SYSTEM } from '../../shared/record/trail-record.ts';
import type { Act } from '../../shared/store/acts.ts';
import type { Delivery } from '../../shared/store/delivery.ts';
import type { Subscription } from '../../shared/store/subscriptions.ts';

/** The function that does all this, in the place of a route. */
const ROUTE = 'notifications-deliver';

/** Why a delivery was given up: by its code in the audit trail, and in words for the owner. */
export const GIVEN_UP = {
  'subscription-deleted': 'the subscription was deleted',
  'subscription-disabled': 'the subscription is disabled',
  'subscription-off': 'the subscription is switched off',
  'verification-replaced': 'a later verification replaced it',
  'content-expired': 'its content is no longer kept',
  'endpoint-gone': 'the endpoint is gone (410)',
  'attempts-failed': 'attempts failed',
} as const;
export type GivenUp = keyof typeof GIVEN_UP;

/** How a delivery ended. */
export interface Ending {
  /** Null where it was delivered. */
  code: GivenUp | null;
  attempts: number;
  /** The HTTP status of the last answer; null where none came. */
  status: number | null;
  /** Null where the subscription is gone. */
  owner: string | null;
}

/**
 * The act of a delivery that came to its end. Fifty of one subscription may end at a time: they stand in sixteen streams of it, told
 * apart by the last digit of the event's digest.
 */
export const deliveryAct = (
  delivery: Delivery,
  { code, attempts, status, owner }: Ending,
  time: string,
  commandId: string,
): Act => ({
  target: { type: 'delivery', id: delivery.id },
  of: delivery.subscriptionId,
  part: delivery.id.slice(-1),
  action: 'deliver',
  route: ROUTE,
  ...(code && { outcome: 'failed', code }),
  actor: SYSTEM,
  ...(owner !== null && { onBehalfOf: owner }),
  facts: {
    subscription: delivery.subscriptionId,
    eventId: delivery.eventId,
    kind: delivery.kind,
    attempts,
    status,
  },
  time,
  commandId,
  correlation: delivery.eventId,
});

/** The act of a subscription that its endpoint's answer changed. */
export const endpointAct = (
  action: 'verify-endpoint' | 'disable-subscription',
  { id, owner }: Subscription,
  delivery: Delivery,
  time: string,
  commandId: string,
): Act => ({
  target: { type: 'subscription', id },
  action,
  route: ROUTE,
  ...(action === 'disable-subscription' && { reasonCode: 'endpoint-gone' }),
  actor: SYSTEM,
  onBehalfOf: owner,
  facts: { delivery: delivery.id },
  time,
  commandId,
  correlation: delivery.eventId,
});
