import { recorded } from '../../shared/lambda/act.ts';
import { livePeople, signedInDoor } from '../../shared/lambda/doors.ts';
import { dynamodb } from '../../shared/runtime/dynamodb.ts';
import { required } from '../../shared/runtime/env.ts';
import { acts } from '../../shared/store/acts.ts';
import { routesOf } from '../routes.ts';
import { listEntries } from './list-entries.ts';
import { liveTrail } from './live-trail.ts';
import { listReading } from './reading.ts';

const client = dynamodb();
const persons = livePeople(client);
const trail = liveTrail(client);
const told = acts(client, required('COMMANDS_TABLE'));

/** Reads of the audit trail. */
export const handler = signedInDoor(client, {
  routes: routesOf('audit-query'),
  handlers: {
    'GET /v1/audit/entries': recorded(listEntries({ trail, people: persons }), told, listReading(persons)),
  },
});
