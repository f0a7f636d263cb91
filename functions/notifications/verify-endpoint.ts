import type { Deliveries } from '../../shared/store/deliveries.ts';
import type { Delivery } from '../../shared/store/delivery.ts';
import type { Subscription, Subscriptions } from '../../shared/store/subscriptions.ts';
import type { Send } from './queue.ts';

export interface EndpointDeps {
  subscriptions: Pick<Subscriptions, 'one' | 'change'>;
  deliveries: Pick<Deliveries, 'pendingOf' | 'release'>;
  send: Send;
}

const ATTEMPTS = 10;
const TOGETHER = 10;

/** The endpoint answered its verification: what has been waiting for that follows, in the order of the events. */
export async function verified(delivery: Delivery, now: string, deps: EndpointDeps): Promise<void> {
  const stands = await changeWhere(
    delivery.subscriptionId,
    ({ verification }) => verification === delivery.id,
    { status: 'verified', updatedAt: now },
    deps,
  );
  if (stands) await releaseAll(delivery.subscriptionId, now, deps);
}

/** The endpoint is gone for good (410): nothing more is sent until its owner switches it on again. */
export async function gone(delivery: Delivery, url: string, now: string, deps: EndpointDeps): Promise<void> {
  await changeWhere(
    delivery.subscriptionId,
    ({ channel }) => channel.url === url,
    { status: 'disabled', active: false, updatedAt: now },
    deps,
  );
}

/** Changes a subscription while it is as `where` wants it; false where it isn't, or is no more. */
async function changeWhere(
  id: string,
  where: (subscription: Subscription) => boolean,
  fields: Partial<Subscription>,
  { subscriptions }: EndpointDeps,
): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const standing = await subscriptions.one(id);
    if (!standing || !where(standing)) return false;
    if (standing.status === fields.status) return true;
    const changed = { ...standing, ...fields, version: standing.version + 1 };
    if (await subscriptions.change(standing, changed)) return true;
  }
  throw new Error(`${id} kept changing`);
}

/** Sends in batches, one after the other: those in the queue stay in the order of their events as well as a queue keeps it. */
async function releaseAll(id: string, now: string, { deliveries, send }: EndpointDeps): Promise<void> {
  let batch: string[] = [];
  for await (const delivery of deliveries.pendingOf(id)) {
    if (await deliveries.release(delivery.id, now)) batch.push(delivery.id);
    if (batch.length < TOGETHER) continue;
    await send(batch, 0);
    batch = [];
  }
  if (batch.length > 0) await send(batch, 0);
}
