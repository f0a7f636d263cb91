import { createSubscription as schema } from '../../shared/commitment/subscription.ts';
import { readEnvelope } from '../../shared/lambda/envelope.ts';
import type { Answer, Call } from '../../shared/lambda/http.ts';
import { problem } from '../../shared/lambda/problem.ts';
import { type Delivery, newDelivery } from '../../shared/store/delivery.ts';
import { deliveryPuts } from '../../shared/store/delivery-item.ts';
import { claim, type Seen } from '../../shared/store/idempotency.ts';
import type { Subscription } from '../../shared/store/subscriptions.ts';
import { answerSubscription, invalid, keyReused, notFound } from './answer.ts';
import { actOn, type Desk, ownerOf, sendSoon } from './desk.ts';
import { ownEvent, VERIFICATION } from './own-event.ts';
import { isShownAgain } from './secrets.ts';
import { readFields } from './subscription-body.ts';

const MOST_SUBSCRIPTIONS = 100;

/** `POST /v1/subscriptions` */
export const createSubscription =
  (desk: Desk) =>
  async (call: Call): Promise<Answer> => {
    const envelope = await readEnvelope(call);
    if ('status' in envelope) return envelope;
    const { key, body } = envelope;
    const fields = readFields(schema, body, desk.rules);
    if (!fields.ok) return invalid(fields.errors);
    const owner = await ownerOf(call);
    const asked = claim(owner, call.route, key, call.path, body.value);
    const before = await desk.subscriptions.seen(asked);
    if (before) return replay(before, asked.payload, call, desk);

    const { channel, filter = null, description = null, active = true } = fields.value;
    if (!channel) throw new Error('a validated subscription has a channel');
    if ((await desk.subscriptions.countOf(owner)) >= MOST_SUBSCRIPTIONS)
      return problem(
        'limit-reached',
        `A person has at most ${MOST_SUBSCRIPTIONS} subscriptions. Delete one first.`,
      );

    const secret = { secret: desk.newSecret(), createdAt: call.time, until: null };
    const made = withVerification(
      {
        id: desk.newSubscriptionId(),
        owner,
        channel,
        filter,
        description,
        active,
        since: call.time,
        status: 'pending_verification',
        verification: null,
        createdAt: call.time,
        updatedAt: call.time,
        version: 1,
      },
      call.time,
      desk,
    );
    const beside = [...made.puts, await actOn(made.subscription.id, call, desk)];
    const created = await desk.subscriptions.create(made.subscription, secret, asked, beside);
    if (created.outcome === 'seen') return replay(created.seen, asked.payload, call, desk);
    if (made.delivery) await sendSoon(made.delivery.id, desk);
    return answerSubscription(201, made.subscription, { secret: secret.secret });
  };

/** A subscription that is switched on asks its endpoint first; the delivery is put in the same transaction. */
export function withVerification(
  subscription: Subscription,
  now: string,
  { firstWait, table }: Pick<Desk, 'firstWait' | 'table'>,
): { subscription: Subscription; delivery: Delivery | null; puts: ReturnType<typeof deliveryPuts> | [] } {
  if (!subscription.active) return { subscription, delivery: null, puts: [] };
  const event = ownEvent(subscription.id, VERIFICATION, String(subscription.version), now);
  const delivery = newDelivery(subscription.id, event, 'verification', now, firstWait);
  return {
    subscription: { ...subscription, verification: delivery.id },
    delivery,
    puts: deliveryPuts(table, delivery, JSON.stringify(event)),
  };
}

async function replay(seen: Seen, payload: string, call: Call, desk: Desk): Promise<Answer> {
  if (seen.payload !== payload) return keyReused();
  const known = await desk.subscriptions.withSecrets(seen.stream);
  if (!known) return notFound('The subscription that was made with this key is deleted.');
  const [first, ...more] = known.secrets;
  const shown = first && more.length === 0 && isShownAgain(first, call.time);
  return answerSubscription(201, known.subscription, {
    replayed: true,
    ...(shown && { secret: first.secret }),
  });
}
