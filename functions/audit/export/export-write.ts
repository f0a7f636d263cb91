import { randomUUID } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import release from '../../../package.json' with { type: 'json' };
import { queueDoor } from '../../../shared/lambda/queue.ts';
import { systemClock } from '../../../shared/runtime/clock.ts';
import { dynamodb } from '../../../shared/runtime/dynamodb.ts';
import { optional, required } from '../../../shared/runtime/env.ts';
import { kmsSigner } from '../../../shared/runtime/kms-signer.ts';
import { log } from '../../../shared/runtime/log.ts';
import { commitments } from '../../../shared/store/commitments.ts';
import { events } from '../../../shared/store/events.ts';
import { exportObjects } from '../../../shared/store/export-objects.ts';
import { exports } from '../../../shared/store/exports.ts';
import { logBatches } from '../../../shared/store/log-batches.ts';
import { logObjects } from '../../../shared/store/log-objects.ts';
import { logRows } from '../../../shared/store/log-rows.ts';
import { logStreams } from '../../../shared/store/log-streams.ts';
import { logWitnesses } from '../../../shared/store/log-witnesses.ts';
import { responses } from '../../../shared/store/responses.ts';
import { witnessUrls } from '../sequence/publish-witness.ts';
import { policyOf, vkeyOf } from '../serve/serve-key.ts';
import { exportHints } from './export-desk.ts';
import { planOf } from './export-plan.ts';
import { kindOf } from './export-records.ts';
import { readExportMessage, writeBatch } from './write-exports.ts';

const client = dynamodb();
const s3 = new S3Client();
const table = required('LOG_TABLE');
const commands = required('COMMANDS_TABLE');
const key = { origin: required('LOG_ORIGIN'), signer: kmsSigner(required('LOG_KEY_ID')) };
const objects = exportObjects(s3, required('EXPORTS_BUCKET'));
const records = { event: events(client, commands), refusal: events(client, commands, 'refusal') };
const needs = {
  files: logObjects(required('LOG_BUCKET'), s3),
  objects,
  commitments: commitments(client, commands),
  responses: responses(client, commands),
  streams: logStreams(client, table),
  recordsOf: (stream: string) => records[kindOf(stream)],
  rows: logRows(client, required('AUDIT_TABLE')),
  batches: logBatches(client, table),
  clock: systemClock,
  key: () => vkeyOf(key),
  policy: () => policyOf(key, witnessUrls(optional('WITNESS_URLS')), logWitnesses(client, table)),
  product: `${release.name} ${release.version}`,
};

/** Queue `exports`: goes on with a job, and sends itself a message where there is more to do. */
export const handler = queueDoor(
  readExportMessage,
  writeBatch({
    slice: {
      exports: exports(client, table),
      objects,
      planOf: (job) => planOf(job, needs),
      now: Date.now,
      newHolder: randomUUID,
      log,
    },
    hint: exportHints(required('EXPORTS_QUEUE_URL')),
  }),
  log,
);
