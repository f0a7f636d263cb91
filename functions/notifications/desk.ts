import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { actOf } from '../../shared/lambda/act.ts';
import type { Call } from '../../shared/lambda/http.ts';
import { isId } from '../../shared/runtime/ids.ts';
import type { Log } from '../../shared/runtime/log.ts';
import type { Act, Acts } from '../../shared/store/acts.ts';
import type { Deliveries } from '../../shared/store/deliveries.ts';
import type { Subscription, Subscriptions } from '../../shared/store/subscriptions.ts';
import { ROUTES, type RouteWiring } from '../routes.ts';
import type { AddressRules } from './address.ts';
import type { Send } from './queue.ts';

/** What the handlers of the subscription routes work with. */
export interface Desk {
  subscriptions: Subscriptions;
  deliveries: Deliveries;
  send: Send;
  rules: AddressRules;
  /** The first number of the retry schedule. */
  firstWait: number;
  /** The table's name, for what is put in one transaction with a subscription. */
  table: string;
  /** Records commands for the audit trail, in the transaction that carries them out. */
  acts: Acts;
  newSubscriptionId: () => string;
  newSecret: () => string;
  log: Log;
}

/** The pseudonym of who asks. */
export const ownerOf = async (call: Call): Promise<string> => (await call.actor()).id;

/** The act that tells what `call` does to a subscription, or to what belongs to it. */
export const toldOf = (
  call: Call,
  subscriptionId: string,
  more: Partial<Pick<Act, 'target' | 'facts'>> = {},
): Promise<Act> => {
  const wiring: RouteWiring | undefined = ROUTES.find(({ route }) => route === call.route);
  return actOf(call, {
    target: { type: 'subscription', id: subscriptionId },
    of: subscriptionId,
    action: wiring?.action ?? call.route,
    ...more,
  });
};

/** The put that records it. */
export const actOn = async (
  subscriptionId: string,
  call: Call,
  { acts }: Pick<Desk, 'acts'>,
  more?: Parameters<typeof toldOf>[2],
): Promise<TransactWriteItem> => acts.put(await toldOf(call, subscriptionId, more));

/** The subscription in the path, if it is the person's own: another's is as good as none. */
export async function ownSubscription(call: Call, desk: Desk): Promise<Subscription | null> {
  const id = call.params['id'] ?? '';
  if (!isId(id, 'sub')) return null;
  const [owner, subscription] = await Promise.all([ownerOf(call), desk.subscriptions.one(id)]);
  return subscription?.owner === owner ? subscription : null;
}

/** Sends what stands in the table already: where it can't be sent now, the sweep does. */
export async function sendSoon(deliveryId: string, { send, firstWait, log }: Desk): Promise<void> {
  await send([deliveryId], firstWait).catch((error: unknown) =>
    log.error('not sent now', { deliveryId, error }),
  );
}
