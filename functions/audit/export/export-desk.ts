import { setTimeout as pause } from 'node:timers/promises';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Call } from '../../../shared/lambda/http.ts';
import { required } from '../../../shared/runtime/env.ts';
import { isId, newId } from '../../../shared/runtime/ids.ts';
import { type Log, log } from '../../../shared/runtime/log.ts';
import { type Acts, acts } from '../../../shared/store/acts.ts';
import type { ExportJob } from '../../../shared/store/export-job.ts';
import { type Exports, exports } from '../../../shared/store/exports.ts';
import { type LogCheckpoints, logCheckpoints } from '../../../shared/store/log-checkpoints.ts';
import type { SendHint } from './export-hint.ts';

/** Tells a writer to go on with a job, after so many seconds. */
export type Hint = (job: Pick<ExportJob, 'owner' | 'id'>, delaySeconds?: number) => Promise<void>;

/** What the handlers of the export routes work with. */
export interface ExportDesk {
  exports: Exports;
  acts: Acts;
  checkpoints: Pick<LogCheckpoints, 'newest' | 'at'>;
  hint: Hint;
  newExportId(): string;
  newCommandId(): string;
  /** Epoch milliseconds. */
  now(): number;
  pause(ms: number): Promise<unknown>;
  log: Log;
}

export function exportHints(queueUrl: string): Hint {
  let queue: Promise<SendHint> | undefined;
  return async ({ owner, id }, delaySeconds = 0) => {
    // Loaded with the first hint: most requests of the trail send none.
    queue ??= import('./export-hint.ts').then(({ hintQueue }) => hintQueue(queueUrl));
    await (await queue)(JSON.stringify({ owner, exportId: id }), delaySeconds);
  };
}

/** The desk of the deployment. */
export function liveExportDesk(client: DynamoDBClient): ExportDesk {
  const table = required('LOG_TABLE');
  return {
    exports: exports(client, table),
    acts: acts(client, required('COMMANDS_TABLE')),
    checkpoints: logCheckpoints(client, table),
    hint: exportHints(required('EXPORTS_QUEUE_URL')),
    newExportId: () => newId('exp'),
    newCommandId: () => newId('cmd'),
    now: Date.now,
    pause,
    log,
  };
}

/** Where a message is lost, the next look at the job sends another. */
export async function hintSoon(job: ExportJob, { hint, log }: ExportDesk): Promise<void> {
  await hint(job).catch((error: unknown) => log.error('not sent now', { exportId: job.id, error }));
}

/** No writer said anything for so long: each of them renews its hold more often. */
const SILENCE_MS = 20_000;

/** The job in the path, if it is the person's own: another's is as good as none. One that nobody works on is hinted at again. */
export async function ownExport(call: Call, desk: ExportDesk): Promise<ExportJob | null> {
  const { id = '' } = call.params;
  if (!isId(id, 'exp')) return null;
  const { id: owner } = await call.actor();
  const job = await desk.exports.one(owner, id);
  if (!job || Date.parse(job.expiresAt) <= desk.now()) return null;
  const { state, work, updatedAt } = job;
  const idle = desk.now() - Math.max(Date.parse(updatedAt), Date.parse(work.heldUntil) || 0) > SILENCE_MS;
  if (idle && (state === 'waiting' || state === 'writing')) {
    const touched = await desk.exports.keep({ ...job, updatedAt: new Date(desk.now()).toISOString() });
    if (touched) await hintSoon(touched, desk);
  }
  return job;
}
