import { queueDoor, readBusMessage } from '../../../shared/lambda/queue.ts';
import { isTrailStream } from '../../../shared/record/streams.ts';
import { systemClock } from '../../../shared/runtime/clock.ts';
import { dynamodb } from '../../../shared/runtime/dynamodb.ts';
import { required } from '../../../shared/runtime/env.ts';
import { log } from '../../../shared/runtime/log.ts';
import { auditEntries } from '../../../shared/store/audit-entries.ts';
import { events } from '../../../shared/store/events.ts';
import { logItems } from '../../../shared/store/log-items.ts';
import { logPending } from '../../../shared/store/log-pending.ts';
import { recordBatch } from './record-batch.ts';
import { hintSender } from './record-hint.ts';

const client = dynamodb();
const table = required('COMMANDS_TABLE');
const records = { event: events(client, table), refusal: events(client, table, 'refusal') };

const recorder = {
  entries: auditEntries(client, required('AUDIT_TABLE')),
  items: logItems(client, required('AUDIT_TABLE')),
  pending: logPending(client, required('LOG_TABLE')),
  recordsOf: (stream: string) => records[isTrailStream(stream) ? 'refusal' : 'event'],
  hint: hintSender(required('SEQUENCE_QUEUE_URL')),
  clock: systemClock,
  log,
};

export const handler = queueDoor(readBusMessage, (messages) => recordBatch(messages, recorder), log);
