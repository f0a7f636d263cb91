import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Call } from '../../shared/lambda/http.ts';
import { roleInTrail } from '../../shared/lambda/person.ts';
import { isId } from '../../shared/runtime/ids.ts';
import type { Log } from '../../shared/runtime/log.ts';
import type { Acts } from '../../shared/store/acts.ts';
import type { Deliveries } from '../../shared/store/deliveries.ts';
import type { People } from '../../shared/store/people.ts';
import type { Subscription, Subscriptions } from '../../shared/store/subscriptions.ts';
import { ROUTES, type RouteWiring } from '../routes.ts';
import type { AddressRules } from './address.ts';
import type { Send } from './queue.ts';

/** What the handlers of the subscription routes work with. */
export interface Desk {
  subscriptions: Subscriptions;
  deliveries: Deliveries;
  people: Pick<People, 'pseudonymOf'>;
  send: Send;
  rules: AddressRules;
  /** The first number of the retry schedule. */
  firstWait: number;
  /** The table's name, for what is put in one transaction with a subscription. */
  table: string;
  /** Records commands for the audit trail, in the transaction that carries them out. */
  acts: Acts;
  newSubscriptionId: () => string;
  newCommandId: () => string;
  newSecret: () => string;
  log: Log;
}

/** The pseudonym of who asks. */
export function ownerOf(call: Call, { people }: Pick<Desk, 'people'>): Promise<string> {
  if (!call.person) throw new Error('a route for signed-in people was opened to nobody');
  return people.pseudonymOf(call.person);
}

/** The put that records what `call` does to a subscription. */
export async function actOn(subscriptionId: string, call: Call, desk: Desk): Promise<TransactWriteItem> {
  const { route, role, person, time, requestId } = call;
  const wiring: RouteWiring | undefined = ROUTES.find((wired) => wired.route === route);
  return desk.acts.put({
    target: { type: 'subscription', id: subscriptionId },
    action: wiring?.action ?? route,
    route,
    actor: {
      id: await ownerOf(call, desk),
      role: person ? roleInTrail(role, person) : role,
    },
    time,
    commandId: desk.newCommandId(),
    correlation: requestId,
  });
}

/** The subscription in the path, if it is the person's own: another's is as good as none. */
export async function ownSubscription(call: Call, desk: Desk): Promise<Subscription | null> {
  const id = call.params['id'] ?? '';
  if (!isId(id, 'sub')) return null;
  const [owner, subscription] = await Promise.all([ownerOf(call, desk), desk.subscriptions.one(id)]);
  return subscription?.owner === owner ? subscription : null;
}

/** Sends what stands in the table already: where it can't be sent now, the sweep does. */
export async function sendSoon(deliveryId: string, { send, firstWait, log }: Desk): Promise<void> {
  await send([deliveryId], firstWait).catch((error: unknown) =>
    log.error('not sent now', { deliveryId, error }),
  );
}
