import type { Attempt, Delivery } from '../../shared/store/delivery.ts';
import type { Subscription } from '../../shared/store/subscriptions.ts';

/** A subscription as its owner sees it; its secrets are not in it. */
export const represent = (subscription: Subscription) => {
  const { id, channel, filter, description, active, status, createdAt, updatedAt, version } = subscription;
  return { id, channel, filter, description, active, status, createdAt, updatedAt, version };
};

export const representDelivery = (delivery: Delivery, attempts: readonly Attempt[]) => {
  const { id, subscriptionId, eventId, type, kind, time, createdAt, status, nextAttemptAt, reason } =
    delivery;
  return {
    id,
    subscriptionId,
    event: { id: eventId, type, time },
    kind,
    status,
    reason,
    createdAt,
    nextAttemptAt: status === 'pending' ? nextAttemptAt : null,
    attempts,
  };
};
