import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { auditEntries } from '../../shared/store/audit-entries.ts';
import { logBatches } from '../../shared/store/log-batches.ts';
import { logHead } from '../../shared/store/log-head.ts';
import { logItems } from '../../shared/store/log-items.ts';
import { logPending } from '../../shared/store/log-pending.ts';
import { logStaged } from '../../shared/store/log-staged.ts';
import { logStreams } from '../../shared/store/log-streams.ts';

/** The stores of a sequencer. */
export const logStores = (client: DynamoDBClient, { audit, log }: { audit: string; log: string }) => ({
  entries: auditEntries(client, audit),
  items: logItems(client, audit),
  pending: logPending(client, log),
  head: logHead(client, log),
  staged: logStaged(client, log),
  streams: logStreams(client, log),
  batches: logBatches(client, log),
});
