import { signedInDoor } from '../../shared/lambda/doors.ts';
import { dynamodb } from '../../shared/runtime/dynamodb.ts';
import { required } from '../../shared/runtime/env.ts';
import { newId, newSalt } from '../../shared/runtime/ids.ts';
import { commitments } from '../../shared/store/commitments.ts';
import { events } from '../../shared/store/events.ts';
import { responses } from '../../shared/store/responses.ts';
import { routesOf } from '../routes.ts';
import { carryOut } from './carry-out.ts';
import { makeLedger } from './ledger.ts';
import { registerCommitment } from './register-commitment.ts';
import { registerResponse } from './register-response.ts';

const client = dynamodb();
const table = required('COMMANDS_TABLE');
const ledger = makeLedger({
  client,
  table,
  commitments: commitments(client, table),
  responses: responses(client, table),
  events: events(client, table),
  newId,
  newSalt,
});

/** Every command route of responses and commitments. */
export const handler = signedInDoor(client, {
  routes: routesOf('commitments-command'),
  handlers: {
    'POST /v1/responses': registerResponse(ledger),
    'POST /v1/commitments': registerCommitment(ledger),
    'POST /v1/commitments/{id}/publications': carryOut('publish', ledger),
    'POST /v1/commitments/{id}/updates': carryOut('report-progress', ledger),
    'POST /v1/commitments/{id}/occurrences/{n}/updates': carryOut('report-occurrence', ledger),
    'POST /v1/commitments/{id}/verifications': carryOut('verify', ledger),
    'POST /v1/commitments/{id}/extensions': carryOut('request-extension', ledger),
    'POST /v1/commitments/{id}/extensions/{n}/decisions': carryOut('decide-extension', ledger),
    'POST /v1/commitments/{id}/closures': carryOut('close', ledger),
    'POST /v1/commitments/{id}/supersessions': carryOut('supersede', ledger),
    'POST /v1/commitments/{id}/reopenings': carryOut('reopen', ledger),
  },
});
