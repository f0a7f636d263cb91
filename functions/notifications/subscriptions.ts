import { signedInDoor } from '../../shared/lambda/doors.ts';
import { dynamodb } from '../../shared/runtime/dynamodb.ts';
import { optional, required } from '../../shared/runtime/env.ts';
import { newId } from '../../shared/runtime/ids.ts';
import { log } from '../../shared/runtime/log.ts';
import { acts } from '../../shared/store/acts.ts';
import { deliveries } from '../../shared/store/deliveries.ts';
import { subscriptions } from '../../shared/store/subscriptions.ts';
import { routesOf } from '../routes.ts';
import { changeSubscription, deleteSubscription } from './change-subscription.ts';
import { createSubscription } from './create-subscription.ts';
import type { Desk } from './desk.ts';
import { queueSender } from './queue.ts';
import { getSubscription, listDeliveries, listSubscriptions } from './read-subscriptions.ts';
import { rotateSecret } from './rotate-secret.ts';
import { readSchedule } from './schedule.ts';
import { recover, resend, sendTest } from './send-again.ts';
import { newSecret } from './signature.ts';

const client = dynamodb();
const table = required('NOTIFICATIONS_TABLE');
const [firstWait = 0] = readSchedule(optional('WEBHOOK_RETRY_SCHEDULE'));

const desk: Desk = {
  subscriptions: subscriptions(client, table),
  deliveries: deliveries(client, table),
  send: queueSender(required('DELIVERIES_QUEUE_URL')),
  rules: { allowLoopback: optional('ALLOW_LOOPBACK_WEBHOOKS') === 'true' },
  firstWait,
  table,
  acts: acts(client, required('COMMANDS_TABLE')),
  newSubscriptionId: () => newId('sub'),
  newSecret,
  log,
};

/** Every route of subscriptions and their deliveries. */
export const handler = signedInDoor(client, {
  routes: routesOf('notifications-subscriptions'),
  handlers: {
    'GET /v1/subscriptions': listSubscriptions(desk),
    'POST /v1/subscriptions': createSubscription(desk),
    'GET /v1/subscriptions/{id}': getSubscription(desk),
    'PATCH /v1/subscriptions/{id}': changeSubscription(desk),
    'DELETE /v1/subscriptions/{id}': deleteSubscription(desk),
    'POST /v1/subscriptions/{id}/secrets': rotateSecret(desk),
    'POST /v1/subscriptions/{id}/tests': sendTest(desk),
    'POST /v1/subscriptions/{id}/recoveries': recover(desk),
    'GET /v1/subscriptions/{id}/deliveries': listDeliveries(desk),
    'POST /v1/deliveries/{id}/resends': resend(desk),
  },
});
