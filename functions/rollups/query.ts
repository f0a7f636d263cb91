import { httpDoor } from '../../shared/lambda/http.ts';
import { tokenVerifier } from '../../shared/lambda/token.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { dynamodb } from '../../shared/runtime/dynamodb.ts';
import { required } from '../../shared/runtime/env.ts';
import { log } from '../../shared/runtime/log.ts';
import { commitments } from '../../shared/store/commitments.ts';
import { events } from '../../shared/store/events.ts';
import { responses } from '../../shared/store/responses.ts';
import { rollups } from '../../shared/store/rollups.ts';
import { routesOf } from '../routes.ts';
import { readRollup } from './read-rollup.ts';

const client = dynamodb();
const table = required('COMMANDS_TABLE');

/** The totals, for anyone. */
export const handler = httpDoor({
  routes: routesOf('rollups-query'),
  handlers: {
    'GET /v1/rollups': readRollup({
      commitments: commitments(client, table),
      responses: responses(client, table),
      events: events(client, table),
      rollups: rollups(client, required('ROLLUPS_TABLE')),
    }),
  },
  verify: tokenVerifier({
    issuer: required('ISSUER_URL'),
    audience: required('TOKEN_AUDIENCE'),
    jwksUri: required('JWKS_URL'),
  }),
  clock: systemClock,
  log,
});
