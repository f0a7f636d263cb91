import { streamDoor } from '../../shared/lambda/stream.ts';
import { required } from '../../shared/runtime/env.ts';
import { log } from '../../shared/runtime/log.ts';
import { eventBridge } from './bus.ts';
import { putInOrder } from './put-in-order.ts';

const bus = eventBridge(required('EVENT_BUS'));

export const handler = streamDoor((batch) => putInOrder(batch, bus, log), log);
