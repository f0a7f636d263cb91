import { changeSubscription as schema } from '../../shared/commitment/subscription.ts';
import { readIfMatch, readVersioned, stale } from '../../shared/lambda/envelope.ts';
import type { Answer, Call } from '../../shared/lambda/http.ts';
import type { Subscription } from '../../shared/store/subscriptions.ts';
import { Contention } from '../../shared/store/transaction.ts';
import { answerSubscription, invalid, notFound } from './answer.ts';
import { withVerification } from './create-subscription.ts';
import { actOn, type Desk, ownSubscription, sendSoon } from './desk.ts';
import { type Fields, readFields } from './subscription-body.ts';

/** Deliveries change a subscription too (verified, disabled): then the change is made again on top of that. */
const ATTEMPTS = 5;

/** `PATCH /v1/subscriptions/{id}`; `If-Match` may be sent. */
export const changeSubscription =
  (desk: Desk) =>
  async (call: Call): Promise<Answer> => {
    const read = await readVersioned(call);
    if ('status' in read) return read;
    const { version, body } = read;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const before = await ownSubscription(call, desk);
      if (!before) return notFound();
      if (version !== null && version !== before.version) return stale(version, before.version);
      const fields = readFields(schema, body, desk.rules);
      if (!fields.ok) return invalid(fields.errors);
      const { after, asks } = applied(before, fields.value, call.time);
      if (!after) return answerSubscription(200, before);
      const made = asks
        ? withVerification(after, call.time, desk)
        : { subscription: after, delivery: null, puts: [] };
      const beside = [...made.puts, await actOn(before.id, call, desk)];
      if (!(await desk.subscriptions.change(before, made.subscription, beside))) continue;
      if (made.delivery) await sendSoon(made.delivery.id, desk);
      return answerSubscription(200, made.subscription);
    }
    throw new Contention('a subscription kept changing');
  };

/** Another address, or switching on, asks the endpoint again. `after` is null where nothing changes. */
function applied(
  before: Subscription,
  fields: Fields,
  now: string,
): { after: Subscription | null; asks: boolean } {
  const wanted = { ...before, ...fields };
  if (JSON.stringify(wanted) === JSON.stringify(before)) return { after: null, asks: false };
  const switchedOn = wanted.active && !before.active;
  const asks = switchedOn || wanted.channel.url !== before.channel.url;
  return {
    after: {
      ...wanted,
      ...(switchedOn && { since: now }),
      ...(asks && { status: 'pending_verification', verification: null }),
      updatedAt: now,
      version: before.version + 1,
    },
    asks,
  };
}

/** `DELETE /v1/subscriptions/{id}`; `If-Match` may be sent. */
export const deleteSubscription =
  (desk: Desk) =>
  async (call: Call): Promise<Answer> => {
    const version = readIfMatch(call);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const standing = await ownSubscription(call, desk);
      if (!standing) return notFound();
      if (version !== null && version !== standing.version) return stale(version, standing.version);
      const act = await actOn(standing.id, call, desk);
      if (await desk.subscriptions.remove(standing, [act])) return { status: 204 };
    }
    throw new Contention('a subscription kept changing');
  };
