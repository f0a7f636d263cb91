import { createHash } from 'node:crypto';

export type DeliveryKind = 'event' | 'verification' | 'test';
export type DeliveryStatus = 'pending' | 'delivered' | 'failed';

/** One event to tell one subscription. */
export interface Delivery {
  /** Says where it stands: subscription, time of the event, digest of its id. One for each event and subscription. */
  id: string;
  subscriptionId: string;
  eventId: string;
  type: string;
  kind: DeliveryKind;
  /** The time of the event: deliveries are listed and released in this order. */
  time: string;
  createdAt: string;
  status: DeliveryStatus;
  /** Attempts that came to an end. */
  attempts: number;
  /** Those of them that were made before it was last sent again: the schedule starts after them. */
  earlier: number;
  /** Null when there is no next attempt, or when it waits for the endpoint to be verified. */
  nextAttemptAt: string | null;
  /** Why it failed. */
  reason: string | null;
}

/** One try, as the owner of the subscription sees it. The signature is in it, the secret is not. */
export interface Attempt {
  n: number;
  startedAt: string;
  durationMs: number;
  url: string;
  request: { headers: Record<string, string> };
  /** Null where no answer came. `body`: the first 64 KB. */
  response: { status: number; body: string; truncated: boolean } | null;
  error: string | null;
}

/** What an event must have to be told. */
export interface Told {
  id: string;
  type: string;
  time: string;
}

const SUB = 26;
const TIME = 12;
const DIGEST = 20;
const ID = /^dlv_([0-9a-hjkmnp-tv-z]{26})([0-9a-f]{12}[0-9a-f]{20})$/;

/** Time in 48 bits and 80 bits of the digest, hexadecimal: sorts by the event's time. */
export function placeOf(eventId: string, time: string): string {
  const digest = createHash('sha256').update(eventId).digest('hex').slice(0, DIGEST);
  return timePlace(time) + digest;
}

/** Where the deliveries of a time begin. */
export const timePlace = (time: string): string => Date.parse(time).toString(16).padStart(TIME, '0');

export const deliveryId = (subscriptionId: string, place: string): string =>
  `dlv_${subscriptionId.slice(-SUB)}${place}`;

/** The subscription and the place in its log that an id names; null where it is no id of a delivery. */
export function locate(id: string): { subscriptionId: string; place: string } | null {
  const [, sub, place] = ID.exec(id) ?? [];
  return sub && place ? { subscriptionId: `sub_${sub}`, place } : null;
}

export function newDelivery(
  subscriptionId: string,
  event: Told,
  kind: DeliveryKind,
  now: string,
  firstDelaySeconds = 0,
): Delivery {
  return {
    id: deliveryId(subscriptionId, placeOf(event.id, event.time)),
    subscriptionId,
    eventId: event.id,
    type: event.type,
    kind,
    time: event.time,
    createdAt: now,
    status: 'pending',
    attempts: 0,
    earlier: 0,
    nextAttemptAt: later(now, firstDelaySeconds),
    reason: null,
  };
}

/** A time, so many seconds later. */
export const later = (time: string, seconds: number): string =>
  new Date(Date.parse(time) + Math.round(seconds * 1000)).toISOString();
