import { systemClock } from '../../../shared/runtime/clock.ts';
import { dynamodb } from '../../../shared/runtime/dynamodb.ts';
import { required } from '../../../shared/runtime/env.ts';
import { log } from '../../../shared/runtime/log.ts';
import { auditEntries } from '../../../shared/store/audit-entries.ts';
import { logBatches } from '../../../shared/store/log-batches.ts';
import { logItems } from '../../../shared/store/log-items.ts';
import { logObjects } from '../../../shared/store/log-objects.ts';
import { logPending } from '../../../shared/store/log-pending.ts';
import { logStreams } from '../../../shared/store/log-streams.ts';
import { countDay, type Manifesting } from './manifest-day.ts';
import { recordHints } from './manifest-hint.ts';
import { sources } from './manifest-sources.ts';

const client = dynamodb();
const audit = required('AUDIT_TABLE');
const table = required('LOG_TABLE');
const streams = logStreams(client, table);

const deps: Manifesting = {
  sources: sources(client, required('COMMANDS_TABLE'), streams),
  entries: auditEntries(client, audit),
  items: logItems(client, audit),
  pending: logPending(client, table),
  streams,
  batches: logBatches(client, table),
  objects: logObjects(required('LOG_BUCKET')),
  hint: recordHints(required('AUDIT_QUEUE_URL')),
  clock: systemClock,
  log,
};

/** Each hour; the first of a day counts. */
export const handler = async (): Promise<string[]> => {
  const days = await countDay(deps);
  if (days.length > 0) log.info('streams counted', { days });
  return days;
};
