import type { Acts } from '../../shared/store/acts.ts';
import type { Deliveries } from '../../shared/store/deliveries.ts';
import type { Delivery } from '../../shared/store/delivery.ts';
import type { Subscription, Subscriptions } from '../../shared/store/subscriptions.ts';
import { endpointAct } from './delivery-act.ts';
import type { Send } from './queue.ts';

export interface EndpointDeps {
  subscriptions: Pick<Subscriptions, 'one' | 'change'>;
  deliveries: Pick<Deliveries, 'pendingOf' | 'release'>;
  acts: Pick<Acts, 'put'>;
  send: Send;
  newCommandId: () => string;
}

const ATTEMPTS = 10;
const TOGETHER = 10;

/** The endpoint answered its verification: what has been waiting for that follows, in the order of the events. */
export async function verified(delivery: Delivery, now: string, deps: EndpointDeps): Promise<void> {
  const stands = await changeWhere(
    delivery,
    ({ verification }) => verification === delivery.id,
    { action: 'verify-endpoint', fields: { status: 'verified' } },
    now,
    deps,
  );
  if (stands) await releaseAll(delivery.subscriptionId, now, deps);
}

/** The endpoint is gone for good (410): nothing more is sent until its owner switches it on again. */
export async function gone(delivery: Delivery, url: string, now: string, deps: EndpointDeps): Promise<void> {
  await changeWhere(
    delivery,
    ({ channel }) => channel.url === url,
    { action: 'disable-subscription', fields: { status: 'disabled', active: false } },
    now,
    deps,
  );
}

/** Changes a subscription while it is as `where` wants it, and tells of it; false where it isn't, or is no more. */
async function changeWhere(
  delivery: Delivery,
  where: (subscription: Subscription) => boolean,
  { action, fields }: { action: Parameters<typeof endpointAct>[0]; fields: Partial<Subscription> },
  now: string,
  { subscriptions, acts, newCommandId }: EndpointDeps,
): Promise<boolean> {
  const id = delivery.subscriptionId;
  const commandId = newCommandId();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const standing = await subscriptions.one(id);
    if (!standing || !where(standing)) return false;
    if (standing.status === fields.status) return true;
    const changed = { ...standing, ...fields, updatedAt: now, version: standing.version + 1 };
    const act = await acts.put(endpointAct(action, standing, delivery, now, commandId));
    if (await subscriptions.change(standing, changed, [act])) return true;
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
