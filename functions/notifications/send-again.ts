import { isDate } from '../../shared/commitment/dates.ts';
import { nothing, recoverDeliveries } from '../../shared/commitment/subscription.ts';
import { readTime } from '../../shared/commitment/time.ts';
import { readCommand } from '../../shared/lambda/command.ts';
import { readVersioned } from '../../shared/lambda/envelope.ts';
import type { Answer, Call } from '../../shared/lambda/http.ts';
import { problem } from '../../shared/lambda/problem.ts';
import { validate } from '../../shared/lambda/validate.ts';
import { type Delivery, locate, newDelivery } from '../../shared/store/delivery.ts';
import { claim } from '../../shared/store/idempotency.ts';
import type { Subscription } from '../../shared/store/subscriptions.ts';
import { invalid, keyReused, notFound } from './answer.ts';
import { actOn, type Desk, ownerOf, ownSubscription, sendSoon, toldOf } from './desk.ts';
import { ownEvent, TEST } from './own-event.ts';
import { representDelivery } from './represent.ts';

/** `POST /v1/subscriptions/{id}/tests`: sends an event that nothing but this request caused. Needs no key. */
export const sendTest =
  (desk: Desk) =>
  async (call: Call): Promise<Answer> => {
    const read = await readVersioned(call);
    if ('status' in read) return read;
    const body = validate(nothing, read.body);
    if (!body.ok) return invalid(body.errors);
    const subscription = await ownSubscription(call, desk);
    if (!subscription) return notFound();
    if (!subscription.active) return inactive();
    const event = ownEvent(subscription.id, TEST, `test-${call.requestId}`, call.time);
    const delivery = newDelivery(subscription.id, event, 'test', call.time, desk.firstWait);
    await desk.deliveries.begin(delivery, JSON.stringify(event), () =>
      actOn(subscription.id, call, desk, { facts: { delivery: delivery.id } }),
    );
    await sendSoon(delivery.id, desk);
    return accepted(delivery);
  };

/** `POST /v1/deliveries/{id}/resends`: the same bytes under the same id, on a schedule that starts anew. */
export const resend =
  (desk: Desk) =>
  async (call: Call): Promise<Answer> => {
    const read = await readCommand(call, nothing, invalid);
    if ('status' in read) return read;
    const found = await ownDelivery(call, desk);
    if (!found) return notFound('You have no delivery with this id.');
    const { delivery, subscription } = found;
    const asked = claim(subscription.owner, call.route, read.key, call.path, read.fields);
    const before = await desk.subscriptions.seen(asked);
    if (before) return before.payload === asked.payload ? accepted(delivery, true) : keyReused();
    if (!subscription.active) return inactive();
    // While it is being attempted there is nothing to send again yet.
    const target = { type: 'delivery' as const, id: delivery.id };
    const told = () => actOn(subscription.id, call, desk, { target });
    if (await desk.deliveries.restart(delivery.id, call.time, told)) await sendSoon(delivery.id, desk);
    await desk.subscriptions.remember(asked, subscription.id, 1, call.time);
    return accepted((await desk.deliveries.one(delivery.id)) ?? delivery);
  };

/** A time, or the beginning of a day. */
const readSince = (text: string): string | undefined =>
  isDate(text) ? `${text}T00:00:00.000Z` : readTime(text);

/** What one request takes on; its answer says where the next has to go on. */
const MOST_RECOVERED = 2000;
const AT_ONCE = 25;

/** `POST /v1/subscriptions/{id}/recoveries`: sends again whatever the subscription was told, or should have been, since a time. */
export const recover =
  (desk: Desk) =>
  async (call: Call): Promise<Answer> => {
    const read = await readCommand(call, recoverDeliveries, invalid);
    if ('status' in read) return read;
    const since = readSince(read.fields.since);
    if (since === undefined)
      return invalid([
        { pointer: '/since', code: 'invalid-format', detail: 'has to be a time like 2026-11-24T08:00:00Z' },
      ]);
    const subscription = await ownSubscription(call, desk);
    if (!subscription) return notFound();
    const asked = claim(subscription.owner, call.route, read.key, call.path, read.fields);
    const before = await desk.subscriptions.seen(asked);
    if (before && before.payload !== asked.payload) return keyReused();
    if (before) return recovered({ since, resent: before.last }, true);
    if (!subscription.active) return inactive();
    // First, since it may stop half way: nothing is sent again that the trail knows nothing of.
    await desk.acts.append(await toldOf(call, subscription.id, { facts: { since } }));
    const { resent, next } = await restartSince(subscription, since, call.time, desk);
    await desk.subscriptions.remember(asked, subscription.id, resent, call.time);
    return recovered({ since, resent, next_since: next });
  };

async function restartSince(
  { id }: Subscription,
  since: string,
  now: string,
  { deliveries, send }: Desk,
): Promise<{ resent: number; next: string | null }> {
  let resent = 0;
  let chunk: Delivery[] = [];
  const flush = async () => {
    const restarted = await Promise.all(chunk.map((one) => deliveries.restart(one.id, now)));
    const ids = chunk.filter((_, index) => restarted[index]).map((one) => one.id);
    await send(ids, 0);
    resent += ids.length;
    chunk = [];
  };
  let seen = 0;
  for await (const delivery of deliveries.since(id, since)) {
    if (delivery.kind !== 'event') continue;
    if (seen++ === MOST_RECOVERED) {
      await flush();
      return { resent, next: delivery.time };
    }
    chunk.push(delivery);
    if (chunk.length === AT_ONCE) await flush();
  }
  await flush();
  return { resent, next: null };
}

async function ownDelivery(
  call: Call,
  desk: Desk,
): Promise<{ delivery: Delivery; subscription: Subscription } | null> {
  const id = call.params['id'] ?? '';
  const place = locate(id);
  if (!place) return null;
  const [owner, subscription, delivery] = await Promise.all([
    ownerOf(call),
    desk.subscriptions.one(place.subscriptionId),
    desk.deliveries.one(id),
  ]);
  return delivery && subscription?.owner === owner ? { delivery, subscription } : null;
}

const accepted = (delivery: Delivery, replayed = false): Answer => ({
  status: 202,
  headers: {
    'cache-control': 'no-store',
    location: `/v1/subscriptions/${delivery.subscriptionId}/deliveries`,
    ...(replayed && { 'idempotency-replayed': 'true' }),
  },
  body: representDelivery(delivery, []),
});

const recovered = (body: object, replayed = false): Answer => ({
  status: 202,
  headers: { 'cache-control': 'no-store', ...(replayed && { 'idempotency-replayed': 'true' }) },
  body,
});

const inactive = (): Answer =>
  problem('subscription-inactive', 'Nothing is sent while it is switched off. Set active to true first.');
