import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { livePeople } from '../../shared/lambda/doors.ts';
import { required } from '../../shared/runtime/env.ts';
import { newId } from '../../shared/runtime/ids.ts';
import { log } from '../../shared/runtime/log.ts';
import { acts } from '../../shared/store/acts.ts';
import { eraser } from '../../shared/store/erase.ts';
import { erasures } from '../../shared/store/erasures.ts';
import { subscriptions } from '../../shared/store/subscriptions.ts';
import type { Office } from './office.ts';

export function liveOffice(client: DynamoDBClient): Office {
  const commands = required('COMMANDS_TABLE');
  const notifications = required('NOTIFICATIONS_TABLE');
  return {
    erasures: erasures(client, commands),
    eraser: eraser(client, { commands, notifications, people: required('PEOPLE_TABLE') }),
    people: livePeople(client),
    subscriptions: subscriptions(client, notifications),
    acts: acts(client, commands),
    newId,
    log,
  };
}
