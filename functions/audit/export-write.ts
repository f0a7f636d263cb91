import { randomUUID } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import release from '../../package.json' with { type: 'json' };
import { queueDoor } from '../../shared/lambda/queue.ts';
import { dynamodb } from '../../shared/runtime/dynamodb.ts';
import { required } from '../../shared/runtime/env.ts';
import { kmsSigner } from '../../shared/runtime/kms-signer.ts';
import { log } from '../../shared/runtime/log.ts';
import { exportObjects } from '../../shared/store/export-objects.ts';
import { exports } from '../../shared/store/exports.ts';
import { logObjects } from '../../shared/store/log-objects.ts';
import { exportHints } from './export-desk.ts';
import { planOf } from './export-plan.ts';
import { vkeyOf } from './serve-key.ts';
import { readExportMessage, writeBatch } from './write-exports.ts';

const client = dynamodb();
const s3 = new S3Client();
const table = required('LOG_TABLE');
const key = { origin: required('LOG_ORIGIN'), signer: kmsSigner(required('LOG_KEY_ID')) };
const needs = {
  files: logObjects(required('LOG_BUCKET'), s3),
  key: () => vkeyOf(key),
  product: `${release.name} ${release.version}`,
};

/** Queue `exports`: goes on with a job, and sends itself a message where there is more to do. */
export const handler = queueDoor(
  readExportMessage,
  writeBatch({
    slice: {
      exports: exports(client, table),
      objects: exportObjects(s3, required('EXPORTS_BUCKET')),
      planOf: (job) => planOf(job, needs),
      now: Date.now,
      newHolder: randomUUID,
      log,
    },
    hint: exportHints(required('EXPORTS_QUEUE_URL')),
  }),
  log,
);
