import { queueDoor, readBusMessage } from '../../shared/lambda/queue.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { dynamodb } from '../../shared/runtime/dynamodb.ts';
import { optional, required } from '../../shared/runtime/env.ts';
import { log } from '../../shared/runtime/log.ts';
import { deliveries } from '../../shared/store/deliveries.ts';
import { subscriptions } from '../../shared/store/subscriptions.ts';
import { knownListeners } from './listeners.ts';
import { matchEvents } from './match-events.ts';
import { queueSender } from './queue.ts';
import { readSchedule } from './schedule.ts';

const client = dynamodb();
const table = required('NOTIFICATIONS_TABLE');
const [firstWait = 0] = readSchedule(optional('WEBHOOK_RETRY_SCHEDULE'));

/** Queue `notifications`: an event → one delivery for each subscription that listens to it. */
export const handler = queueDoor(
  readBusMessage,
  matchEvents({
    listeners: knownListeners(subscriptions(client, table)),
    deliveries: deliveries(client, table),
    send: queueSender(required('DELIVERIES_QUEUE_URL')),
    clock: systemClock,
    firstWait,
    log,
  }),
  log,
);
