import { httpDoor } from '../../shared/lambda/http.ts';
import { recordRefusals } from '../../shared/lambda/refused.ts';
import { tokenVerifier } from '../../shared/lambda/token.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { dynamodb } from '../../shared/runtime/dynamodb.ts';
import { required } from '../../shared/runtime/env.ts';
import { newId } from '../../shared/runtime/ids.ts';
import { log } from '../../shared/runtime/log.ts';
import { auditEntries } from '../../shared/store/audit-entries.ts';
import { people } from '../../shared/store/people.ts';
import { refusals } from '../../shared/store/refusals.ts';
import { routesOf } from '../routes.ts';
import { listEntries } from './list-entries.ts';

const client = dynamodb();
const persons = people(client, required('PEOPLE_TABLE'), () => newId('per'));

/** Reads of the audit trail. */
export const handler = httpDoor({
  routes: routesOf('audit-query'),
  handlers: {
    'GET /v1/audit/entries': listEntries({
      entries: auditEntries(client, required('AUDIT_TABLE')),
      people: persons,
    }),
  },
  verify: tokenVerifier({
    issuer: required('ISSUER_URL'),
    audience: required('TOKEN_AUDIENCE'),
    jwksUri: required('JWKS_URL'),
  }),
  clock: systemClock,
  log,
  refused: recordRefusals({
    refusals: refusals(client, required('COMMANDS_TABLE')),
    people: persons,
    newCommandId: () => newId('cmd'),
    log,
  }),
});
