import { randomUUID } from 'node:crypto';
import { queueDoor } from '../../shared/lambda/queue.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { dynamodb } from '../../shared/runtime/dynamodb.ts';
import { optional, required } from '../../shared/runtime/env.ts';
import { newId } from '../../shared/runtime/ids.ts';
import { log } from '../../shared/runtime/log.ts';
import { acts } from '../../shared/store/acts.ts';
import { deliveries } from '../../shared/store/deliveries.ts';
import { subscriptions } from '../../shared/store/subscriptions.ts';
import { attempt } from './attempt.ts';
import { webhookClient } from './client.ts';
import { deliverBatch, readDeliveryMessage } from './deliver-batch.ts';
import { queueSender } from './queue.ts';
import { readSchedule } from './schedule.ts';

const client = dynamodb();
const table = required('NOTIFICATIONS_TABLE');

/** Queue `deliveries`: one attempt at each delivery that is due. */
export const handler = queueDoor(
  readDeliveryMessage,
  deliverBatch({
    attempt: attempt({
      subscriptions: subscriptions(client, table),
      deliveries: deliveries(client, table),
      acts: acts(client, required('COMMANDS_TABLE')),
      client: webhookClient({ allowLoopback: optional('ALLOW_LOOPBACK_WEBHOOKS') === 'true' }),
      send: queueSender(required('DELIVERIES_QUEUE_URL')),
      schedule: readSchedule(optional('WEBHOOK_RETRY_SCHEDULE')),
      clock: systemClock,
      random: Math.random,
      newLease: randomUUID,
      newCommandId: () => newId('cmd'),
      log,
    }),
    log,
    elapsed: () => performance.now(),
  }),
  log,
);
