import { publicDoor } from '../../shared/lambda/doors.ts';
import { dynamodb } from '../../shared/runtime/dynamodb.ts';
import { required } from '../../shared/runtime/env.ts';
import { commitments } from '../../shared/store/commitments.ts';
import { events } from '../../shared/store/events.ts';
import { responses } from '../../shared/store/responses.ts';
import { rollups } from '../../shared/store/rollups.ts';
import { routesOf } from '../routes.ts';
import { readRollup } from './read-rollup.ts';

const client = dynamodb();
const table = required('COMMANDS_TABLE');

/** The totals, for anyone. */
export const handler = publicDoor({
  routes: routesOf('rollups-query'),
  handlers: {
    'GET /v1/rollups': readRollup({
      commitments: commitments(client, table),
      responses: responses(client, table),
      events: events(client, table),
      rollups: rollups(client, required('ROLLUPS_TABLE')),
    }),
  },
});
