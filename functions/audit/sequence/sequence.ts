import type { SQSBatchResponse } from 'aws-lambda';
import { systemClock } from '../../../shared/runtime/clock.ts';
import { dynamodb } from '../../../shared/runtime/dynamodb.ts';
import { optional, required } from '../../../shared/runtime/env.ts';
import { kmsSigner } from '../../../shared/runtime/kms-signer.ts';
import { log } from '../../../shared/runtime/log.ts';
import { auditEntries } from '../../../shared/store/audit-entries.ts';
import { logBatches } from '../../../shared/store/log-batches.ts';
import { logHead } from '../../../shared/store/log-head.ts';
import { logItems } from '../../../shared/store/log-items.ts';
import { logObjects } from '../../../shared/store/log-objects.ts';
import { logPending } from '../../../shared/store/log-pending.ts';
import { logStaged } from '../../../shared/store/log-staged.ts';
import { logStreams } from '../../../shared/store/log-streams.ts';
import { logWitnesses } from '../../../shared/store/log-witnesses.ts';
import { cosigning } from './publish-cosignatures.ts';
import { witnessUrls } from './publish-witness.ts';
import { sequenceAll } from './sequence-all.ts';
import type { Sequencer } from './sequencer.ts';

const client = dynamodb();
const audit = required('AUDIT_TABLE');
const table = required('LOG_TABLE');
const signer = kmsSigner(required('LOG_KEY_ID'));
const origin = required('LOG_ORIGIN');

const sequencer: Sequencer = {
  origin,
  signer,
  entries: auditEntries(client, audit),
  items: logItems(client, audit),
  pending: logPending(client, table),
  head: logHead(client, table),
  staged: logStaged(client, table),
  streams: logStreams(client, table),
  batches: logBatches(client, table),
  objects: logObjects(required('LOG_BUCKET')),
  cosign: cosigning(witnessUrls(optional('WITNESS_URLS')), {
    origin,
    signer,
    witnesses: logWitnesses(client, table),
    fetch,
    log,
  }),
  clock: systemClock,
  log,
};

/** A hint says nothing but that entries may wait, as each minute does; all of them are done with when none does. */
export const handler = async (): Promise<SQSBatchResponse> => {
  await sequenceAll(sequencer);
  return { batchItemFailures: [] };
};
