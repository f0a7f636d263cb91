import { type After, type Step, sequenceBatch } from '../../functions/audit/sequence/sequence-batch.ts';
import type { Sequencer } from '../../functions/audit/sequence/sequencer.ts';
import { stolenKey } from './strangers/thief.ts';

/** Where a sequencer of a running system finds what it works with. */
export interface Doomed {
  dynamodb: string;
  /** The object store as functions reach it. */
  objects: string;
  tables: { audit: string; log: string };
  bucket: string;
  /** Of the system: the key of the log is in it. The key service lets nobody but the function sign. */
  dataDir: string;
  origin: string;
  /** The process is killed when it has done this; at the end, where it never comes to it. */
  step: Step;
}

/** As `functions/audit/sequence/sequence.ts`, but in a process that kills itself after a step: argument is a `Doomed` in JSON. */
async function main({ dynamodb, objects, tables, bucket, dataDir, origin, step }: Doomed): Promise<void> {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
    AWS_ENDPOINT_URL_S3: objects,
    LOG_LEVEL: 'error',
  });
  const [{ dynamodb: client }, { logObjects }, { S3Client }, stores, { log }] = await Promise.all([
    import('../../shared/runtime/dynamodb.ts'),
    import('../../shared/store/log-objects.ts'),
    import('@aws-sdk/client-s3'),
    import('./log-stores.ts'),
    import('../../shared/runtime/log.ts'),
  ]);
  const deps: Sequencer = {
    ...stores.logStores(client(), tables),
    origin,
    signer: stolenKey(dataDir, 'log'),
    objects: logObjects(bucket, new S3Client({ forcePathStyle: true })),
    // It is not the witness that is tried here.
    cosign: async () => [],
    clock: () => new Date().toISOString(),
    log,
  };
  const dies: After = (done) => {
    if (done === step) process.kill(process.pid, 'SIGKILL');
  };
  await sequenceBatch(deps, dies);
}

await main(JSON.parse(process.argv[2] ?? '{}') as Doomed);
