import { setTimeout as pause } from 'node:timers/promises';
import { signedInDoor } from '../../shared/lambda/doors.ts';
import { dynamodb } from '../../shared/runtime/dynamodb.ts';
import { required } from '../../shared/runtime/env.ts';
import { newId } from '../../shared/runtime/ids.ts';
import { log } from '../../shared/runtime/log.ts';
import { commitments } from '../../shared/store/commitments.ts';
import { events } from '../../shared/store/events.ts';
import { recalculations } from '../../shared/store/recalculations.ts';
import { responses } from '../../shared/store/responses.ts';
import { rollupRepairs } from '../../shared/store/rollup-repairs.ts';
import { rollups } from '../../shared/store/rollups.ts';
import { routesOf } from '../routes.ts';
import { rebuild } from './rebuild.ts';
import { recalculateAll } from './recalculate-all.ts';
import { tellOf } from './tell.ts';

const client = dynamodb();
const table = required('COMMANDS_TABLE');
const totals = required('ROLLUPS_TABLE');
const rebuildDeps = {
  commitments: commitments(client, table),
  responses: responses(client, table),
  events: events(client, table),
  rollups: rollups(client, totals),
  repairs: rollupRepairs(client, totals),
  log,
  pause,
  now: Date.now,
};

/** Rebuilds the totals from the events, for the administrator. */
export const handler = signedInDoor(client, {
  routes: routesOf('rollups-recalculate'),
  handlers: {
    'POST /v1/rollups/recalculations': recalculateAll({
      recalculations: recalculations(client, totals),
      rebuild: (holder) => rebuild(rebuildDeps, holder),
      newCommandId: () => newId('cmd'),
      tell: tellOf(client, table),
      now: Date.now,
    }),
  },
});
