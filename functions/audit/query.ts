import { livePeople, signedInDoor } from '../../shared/lambda/doors.ts';
import { dynamodb } from '../../shared/runtime/dynamodb.ts';
import { required } from '../../shared/runtime/env.ts';
import { auditEntries } from '../../shared/store/audit-entries.ts';
import { routesOf } from '../routes.ts';
import { listEntries } from './list-entries.ts';

const client = dynamodb();
const persons = livePeople(client);

/** Reads of the audit trail. */
export const handler = signedInDoor(client, {
  routes: routesOf('audit-query'),
  handlers: {
    'GET /v1/audit/entries': listEntries({
      entries: auditEntries(client, required('AUDIT_TABLE')),
      people: persons,
    }),
  },
});
