import { queueDoor, readBusMessage } from '../../shared/lambda/queue.ts';
import { dynamodb } from '../../shared/runtime/dynamodb.ts';
import { required } from '../../shared/runtime/env.ts';
import { log } from '../../shared/runtime/log.ts';
import { events } from '../../shared/store/events.ts';
import { feed } from '../../shared/store/feed.ts';
import { appendBatch } from './append-batch.ts';

const client = dynamodb();
const appender = {
  feed: feed(client, required('FEED_TABLE')),
  events: events(client, required('COMMANDS_TABLE')),
  log,
};

export const handler = queueDoor(readBusMessage, (messages) => appendBatch(messages, appender), log);
