import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Sequencer } from '../../functions/audit/sequence/sequencer.ts';
import { auditEntries } from '../../shared/store/audit-entries.ts';
import { logBatches } from '../../shared/store/log-batches.ts';
import { logHead } from '../../shared/store/log-head.ts';
import { logItems } from '../../shared/store/log-items.ts';
import type { LogObjects } from '../../shared/store/log-objects.ts';
import { logPending } from '../../shared/store/log-pending.ts';
import { logStaged } from '../../shared/store/log-staged.ts';
import { logStreams } from '../../shared/store/log-streams.ts';
import { keySigner, ORIGIN } from '../../test/kit/log-maker.ts';
import type { Tables } from './tables.ts';

/** The sequencer on these tables and objects, with a key of its own and without witnesses. */
export const deskOf = (
  client: DynamoDBClient,
  { audit, log }: Pick<Tables, 'audit' | 'log'>,
  objects: LogObjects,
): Sequencer => ({
  origin: ORIGIN,
  signer: keySigner(),
  entries: auditEntries(client, audit),
  items: logItems(client, audit),
  pending: logPending(client, log),
  head: logHead(client, log),
  staged: logStaged(client, log),
  streams: logStreams(client, log),
  batches: logBatches(client, log),
  objects,
  cosign: async () => [],
  clock: () => new Date().toISOString(),
  log: { info: () => {}, error: () => {} },
});
