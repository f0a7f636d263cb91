import { setTimeout as pause } from 'node:timers/promises';
import { type BusMessage, queueDoor, readBusMessage } from '../../shared/lambda/queue.ts';
import { dynamodb } from '../../shared/runtime/dynamodb.ts';
import { required } from '../../shared/runtime/env.ts';
import { log } from '../../shared/runtime/log.ts';
import { commitments } from '../../shared/store/commitments.ts';
import { rollups } from '../../shared/store/rollups.ts';
import { projectMessages } from './project-messages.ts';
import { projector } from './projector.ts';

const client = dynamodb();

/** Takes events from the queue `rollups` as hints, and brings the totals to the state of the commitments they name. */
export const handler = queueDoor<BusMessage>(
  readBusMessage,
  projectMessages(
    projector({
      commitments: commitments(client, required('COMMANDS_TABLE')),
      rollups: rollups(client, required('ROLLUPS_TABLE')),
      guard: () => ({ now: Date.now() }),
      log,
      pause,
    }),
  ),
  log,
);
