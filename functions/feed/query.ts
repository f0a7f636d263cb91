import { publicDoor } from '../../shared/lambda/doors.ts';
import { dynamodb } from '../../shared/runtime/dynamodb.ts';
import { required } from '../../shared/runtime/env.ts';
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
export const handler = publicDoor({
  routes: routesOf('feed-query'),
  handlers: {
    'GET /v1/events': listEvents(stores),
    'GET /v1/events.atom': showAtom(stores),
  },
});
