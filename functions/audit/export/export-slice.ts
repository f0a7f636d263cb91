import type { Log } from '../../../shared/runtime/log.ts';
import type { ExportJob } from '../../../shared/store/export-job.ts';
import type { Exports } from '../../../shared/store/exports.ts';
import type { Writing } from './export-chunk.ts';
import { Damaged } from './export-hash.ts';
import { holdFrom, Lost, timeOf, type Writer, writeObject } from './export-object.ts';

export interface Slice extends Writer {
  exports: Pick<Exports, 'one' | 'keep' | 'parts'>;
  /** The objects of a job in the order in which they are written; later ones are made of earlier ones. */
  planOf(job: ExportJob): Writing[];
  /** Draws a name for this invocation. */
  newHolder(): string;
  log: Log;
}

/** `later`: it is to be gone on with after so many seconds. */
export type Outcome = { next: 'nothing' } | { next: 'later'; seconds: number };

const ATTEMPTS = 3;
const FAILURES = 6;

/** Works on a job for as long as an invocation may. Whatever it did is kept, so that it can be killed anywhere. */
export async function workOn(owner: string, id: string, slice: Slice): Promise<Outcome> {
  const { exports, now, log } = slice;
  const found = await exports.one(owner, id);
  if (!found || found.state === 'done' || found.state === 'failed') return { next: 'nothing' };
  // Whoever holds it has a message of its own, which comes again if it dies.
  if (found.work.heldUntil > timeOf(now())) return { next: 'nothing' };
  const held = { holder: slice.newHolder(), heldUntil: holdFrom(now()) };
  let job = await exports.keep({ ...found, state: 'writing', work: { ...found.work, ...held } });
  if (!job) return { next: 'nothing' };
  try {
    for (let writing = nextOf(job, slice); writing; writing = nextOf(job, slice)) {
      job = await writeObject(job, writing, slice);
      if (slice.isOver() && nextOf(job, slice)) {
        await exports.keep({ ...job, work: { ...job.work, holder: '', heldUntil: '' } });
        return { next: 'later', seconds: 0 };
      }
    }
    await finish(job, slice);
    return { next: 'nothing' };
  } catch (error) {
    if (error instanceof Lost) return { next: 'nothing' };
    log.error('export failed', { exportId: id, error });
    return setBack(owner, id, held.holder, error, slice);
  }
}

const nextOf = (job: ExportJob, { planOf }: Slice): Writing | undefined =>
  planOf(job).find(({ name }) => !job.work.finished.some((finished) => finished.name === name));

async function finish(job: ExportJob, { exports, now, planOf }: Slice): Promise<void> {
  const shown = new Set(planOf(job).flatMap(({ name, shown }) => (shown ? [name] : [])));
  const files = job.work.finished
    .filter(({ name }) => shown.has(name))
    .map(({ name, key, bytes, sha256 }) => ({ name, key, bytes, sha256 }));
  await exports.keep({
    ...job,
    state: 'done',
    progress: 1,
    total: job.rows,
    files,
    updatedAt: timeOf(now()),
    work: { ...job.work, open: null, holder: '', heldUntil: '' },
  });
}

/** After a failure: begins again where what was written is damaged, goes on where it is not, gives up after some. */
async function setBack(
  owner: string,
  id: string,
  holder: string,
  error: unknown,
  { exports, now, objects }: Slice,
): Promise<Outcome> {
  const job = await exports.one(owner, id);
  if (job?.work.holder !== holder) return { next: 'nothing' };
  const { open } = job.work;
  const spoilt = error instanceof Damaged || GONE.has((error as Error).name);
  const attempt = job.work.attempt + (spoilt ? 1 : 0);
  const failures = job.work.failures + 1;
  const over = attempt > ATTEMPTS || failures > FAILURES;
  if (open?.uploadId && !open.whole && (spoilt || over))
    await objects.abandon(open.key, open.uploadId).catch(() => {});
  await exports.keep({
    ...job,
    ...(over && { state: 'failed', reason: (error as Error).name || 'Error' }),
    updatedAt: timeOf(now()),
    work: {
      ...job.work,
      ...(spoilt && { open: null, finished: [], attempt }),
      failures,
      holder: '',
      heldUntil: '',
    },
  });
  return over ? { next: 'nothing' } : { next: 'later', seconds: Math.min(900, 2 ** failures) };
}

/** The upload is not there any more, or has other parts: two wrote at once, or it lay too long. */
const GONE = new Set(['NoSuchUpload', 'NoSuchKey', 'NotFound', 'InvalidPart', 'InvalidPartOrder']);
