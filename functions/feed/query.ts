import { httpDoor } from '../../shared/lambda/http.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { dynamodb } from '../../shared/runtime/dynamodb.ts';
import { required } from '../../shared/runtime/env.ts';
import { log } from '../../shared/runtime/log.ts';
import { events } from '../../shared/store/events.ts';
import { feed } from '../../shared/store/feed.ts';
import { routesOf } from '../routes.ts';
import { listEvents } from './list-events.ts';
import { showAtom } from './show-atom.ts';

const client = dynamodb();
const stores = {
  feed: feed(client, required('FEED_TABLE')),
  events: events(client, required('COMMANDS_TABLE')),
};

/** The public feed of events. */
export const handler = httpDoor({
  routes: routesOf('feed-query'),
  handlers: {
    'GET /v1/events': listEvents(stores),
    'GET /v1/events.atom': showAtom(stores),
  },
  // Everybody sees the same: nobody has to be known.
  verify: async () => null,
  clock: systemClock,
  log,
});
