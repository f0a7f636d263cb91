import { publicDoor } from '../../../shared/lambda/doors.ts';
import { dynamodb } from '../../../shared/runtime/dynamodb.ts';
import { optional, required } from '../../../shared/runtime/env.ts';
import { kmsSigner } from '../../../shared/runtime/kms-signer.ts';
import { logBatches } from '../../../shared/store/log-batches.ts';
import { logHead } from '../../../shared/store/log-head.ts';
import { logObjects } from '../../../shared/store/log-objects.ts';
import { logWitnesses } from '../../../shared/store/log-witnesses.ts';
import { routesOf } from '../../routes.ts';
import { witnessUrls } from '../sequence/publish-witness.ts';
import { listCheckpoints, serveCheckpoint } from './serve-checkpoints.ts';
import { serveKey, servePolicy } from './serve-key.ts';
import { serveTile } from './serve-tiles.ts';

const client = dynamodb();
const table = required('LOG_TABLE');
const objects = logObjects(required('LOG_BUCKET'));
const key = { origin: required('LOG_ORIGIN'), signer: kmsSigner(required('LOG_KEY_ID')) };
const urls = witnessUrls(optional('WITNESS_URLS'));

/** What everybody may see of the log: its checkpoints, its key, and the hashes of its entries. */
export const handler = publicDoor({
  routes: routesOf('audit-log'),
  handlers: {
    'GET /v1/audit/checkpoint': serveCheckpoint({ head: logHead(client, table), objects }),
    'GET /v1/audit/checkpoints': listCheckpoints(logBatches(client, table)),
    'GET /v1/audit/key': serveKey(key),
    'GET /v1/audit/policy': servePolicy(key, urls, logWitnesses(client, table)),
    'GET /v1/audit/tile/{path+}': serveTile(objects),
  },
});
