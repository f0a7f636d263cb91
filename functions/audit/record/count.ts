import { systemClock } from '../../../shared/runtime/clock.ts';
import { dynamodb } from '../../../shared/runtime/dynamodb.ts';
import { required } from '../../../shared/runtime/env.ts';
import { newId } from '../../../shared/runtime/ids.ts';
import { log } from '../../../shared/runtime/log.ts';
import { acts } from '../../../shared/store/acts.ts';
import { anonymousCounts } from '../../../shared/store/anonymous-counts.ts';
import { countAnonymous } from './count-anonymous.ts';

const client = dynamodb();
const table = required('COMMANDS_TABLE');

/** Each minute: the refused requests that nobody was behind. */
export const handler = (): Promise<number> =>
  countAnonymous({
    counts: anonymousCounts(client, table),
    acts: acts(client, table),
    newCommandId: () => newId('cmd'),
    clock: systemClock,
    log,
  });
