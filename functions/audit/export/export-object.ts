import { sha256 } from '../../../shared/record/canonical.ts';
import type { ExportJob, ExportPart, OpenObject } from '../../../shared/store/export-job.ts';
import type { ExportObjects } from '../../../shared/store/export-objects.ts';
import type { Exports } from '../../../shared/store/exports.ts';
import type { Writing } from './export-chunk.ts';
import { hashOf } from './export-hash.ts';
import { emptyObject, Pending, sendParts } from './export-parts.ts';

export interface Writer {
  exports: Pick<Exports, 'keep' | 'parts'>;
  objects: ExportObjects;
  /** Epoch milliseconds. */
  now(): number;
  /** Whether the invocation has used its time. */
  isOver(): boolean;
}

/** Somebody else works on the job: nothing may be kept any more. */
export class Lost extends Error {
  override name = 'Lost';
}

/** A writer that says nothing for so long is taken for dead. */
export const HOLD_MS = 60_000;
const RENEW_MS = 15_000;
/** The part number under which the rest is kept: none that S3 gives. */
const REST = 0;

/** A writer that was taken for dead, and is not, puts nothing where another one reads: keys have its name. */
const keyBy = ({ id, work }: ExportJob, name: string): string => `${id}/${work.holder}/${name}`;

/**
 * Writes one object of a job from where it stands, and keeps after each part how far it is. Answers the job with the object among the
 * finished ones; with the object still open where the time was over first.
 * @throws Lost, Damaged
 */
export async function writeObject(job: ExportJob, writing: Writing, writer: Writer): Promise<ExportJob> {
  const { exports, objects, now } = writer;
  const { name, type } = writing;
  let current = job;
  let keptAt = now();
  const keep = async (open: OpenObject | null, change: Partial<ExportJob> = {}, parts: ExportPart[] = []) => {
    const work = { ...current.work, ...change.work, open, heldUntil: holdFrom(now()) };
    const kept = await exports.keep({ ...current, updatedAt: timeOf(now()), ...change, work }, parts);
    if (!kept) throw new Lost(job.id);
    current = kept;
    keptAt = now();
  };

  let open = job.work.open ?? emptyObject(name, keyBy(job, name));
  const standing = open.parts > 0 || open.rest ? await exports.parts(job, name) : [];
  // Parts behind the last that counts were sent by one who was killed before it could say so: they are sent again.
  const sent = standing.filter(({ n }) => n !== REST && n <= open.parts);
  if (!open.whole) {
    const rest = open.rest
      ? {
          bytes: await objects.get(open.rest.key),
          kept: standing.find(({ n }) => n === REST)?.kept ?? [],
        }
      : null;
    const pending = new Pending(open, rest);
    const before = {
      kept: [...sent.flatMap(({ kept }) => kept), ...(rest?.kept ?? [])],
      bytes: open.bytes + (open.rest?.bytes ?? 0),
      learned: open.learned,
    };
    const rowsThen = () => rowsOf(writing, open.rows + pending.rows, current);
    for await (const chunk of writing.from(open.position, before)) {
      pending.add(chunk);
      const progress = { progress: overall(current, chunk.progress), ...rowsThen() };
      if (pending.isFull) {
        const done = await sendParts(objects, open, pending, type);
        open = done.open;
        sent.push(...done.parts);
        await keep(open, progress, done.parts);
      }
      if (writer.isOver() && pending.resumable) {
        const { bytes, kept, rows } = pending.take();
        const key = keyBy(current, `${name}.rest`);
        if (bytes.length > 0) await objects.put(key, bytes, type);
        open = {
          ...open,
          rows: open.rows + rows,
          position: pending.position,
          learned: pending.learned,
          rest: bytes.length > 0 ? { bytes: bytes.length, key } : null,
        };
        await keep(open, progress, [{ n: REST, etag: '', bytes: bytes.length, sha256: '', kept }]);
        return current;
      }
      if (now() - keptAt > RENEW_MS) await keep(job.work.open && open, progress);
    }
    if (open.parts === 0) {
      const { bytes, rows } = pending.take();
      await objects.put(open.key, bytes, type);
      const learned = pending.learned;
      return finish(bytes.length, sha256(bytes), { ...open, rows: open.rows + rows, learned });
    }
    const last = pending.bytes > 0 ? await sendParts(objects, open, pending, type) : null;
    sent.push(...(last?.parts ?? []));
    open = { ...(last?.open ?? open), learned: pending.learned, rest: null };
    open = { ...open, rows: open.rows + pending.rows };
    await keep(open, rowsThen(), last?.parts);
    await objects.complete(open.key, open.uploadId ?? '', sent);
    open = { ...open, whole: true };
    await keep(open);
  }
  const renew = async () => {
    if (now() - keptAt > RENEW_MS) await keep(open);
  };
  return finish(open.bytes, await hashOf(objects.read(open.key), sent, renew), open);

  async function finish(bytes: number, hash: string, { key, rows, learned }: OpenObject): Promise<ExportJob> {
    const finished = [...current.work.finished, { name, key, bytes, sha256: hash, rows, learned }];
    await keep(null, {
      ...rowsOf(writing, rows, current),
      work: { ...current.work, finished, failures: 0 },
    });
    return current;
  }
}

/** Rows are those of the file that holds the answer; other objects have none to show. */
const rowsOf = ({ name }: Writing, rows: number, { rows: before }: ExportJob) => ({
  rows: name.startsWith('entries.') ? rows : before,
});

/** Of several objects, each counts alike. */
const overall = ({ work, format }: ExportJob, progress: number): number =>
  Math.min(1, (work.finished.length + progress) / (format === 'bundle' ? BUNDLE_OBJECTS : 1));
/** The last of them is a manifest, and nothing to wait for. */
const BUNDLE_OBJECTS = 7;

export const timeOf = (ms: number): string => new Date(ms).toISOString();
export const holdFrom = (ms: number): string => timeOf(ms + HOLD_MS);
