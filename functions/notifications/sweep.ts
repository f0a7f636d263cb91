import { systemClock } from '../../shared/runtime/clock.ts';
import { dynamodb } from '../../shared/runtime/dynamodb.ts';
import { required } from '../../shared/runtime/env.ts';
import { log } from '../../shared/runtime/log.ts';
import { deliveries } from '../../shared/store/deliveries.ts';
import { queueSender } from './queue.ts';
import { sweepDue } from './sweep-due.ts';

const deps = {
  deliveries: deliveries(dynamodb(), required('NOTIFICATIONS_TABLE')),
  send: queueSender(required('DELIVERIES_QUEUE_URL')),
  clock: systemClock,
  log,
};

/** Each minute: deliveries that are due and have no message. */
export const handler = (): Promise<number> => sweepDue(deps);
