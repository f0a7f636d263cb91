import { actOf } from '../../../shared/lambda/act.ts';
import type { Answer, Call } from '../../../shared/lambda/http.ts';
import { problem } from '../../../shared/lambda/problem.ts';
import { canonical } from '../../../shared/record/canonical.ts';
import type { ExportJob } from '../../../shared/store/export-job.ts';
import { type Claim, claim, type Seen } from '../../../shared/store/idempotency.ts';
import { type ExportFormat, ROW_FILES } from '../../../shared/trail/export-manifest.ts';
import { queryDigest, queryText, type TrailQuery } from '../../../shared/trail/query.ts';
import { told } from '../ask/reading.ts';
import { type ExportDesk, hintSoon } from './export-desk.ts';
import { filePath } from './export-representation.ts';

/** What is to be exported. `checkpoint`: the size of the log; undefined for the newest. */
export interface Wanted {
  query: TrailQuery;
  format: ExportFormat;
  checkpoint: number | undefined;
}

/** As long as the bucket keeps it, and as its key is remembered. */
const KEEP_MS = 30 * 86_400_000;
const MOST_AT_ONCE = 5;

/**
 * Begins an export, once for each claim; its entry in the trail is written with it. Answers the job, a replayed one too, or why it
 * can't begin.
 */
export async function begin(
  call: Call,
  { query, format, checkpoint }: Wanted,
  asked: Claim,
  desk: ExportDesk,
): Promise<{ job: ExportJob; replayed: boolean } | Answer> {
  const actor = await call.actor();
  const before = await desk.exports.seen(asked);
  if (before) return replay(before, asked, actor.id, desk);
  const found =
    checkpoint === undefined ? await desk.checkpoints.newest() : await desk.checkpoints.at(checkpoint);
  if (!found) return noCheckpoint();
  if (found.size === 0)
    return problem('log-empty', 'There is nothing to take away yet. Ask again in a moment.');
  const mine = await desk.exports.list(actor.id, 50, null);
  const open = mine.filter(({ state }) => state === 'waiting' || state === 'writing');
  if (open.length >= MOST_AT_ONCE)
    return problem(
      'limit-reached',
      `A person has at most ${MOST_AT_ONCE} exports written at once. Wait for one.`,
    );

  const job: ExportJob = {
    id: desk.newExportId(),
    owner: actor.id,
    role: actor.role,
    state: 'waiting',
    query,
    format,
    checkpoint: found.size,
    rows: 0,
    // Places in the log have no gaps.
    total: Object.keys(query).join() === 'order' ? found.size : null,
    progress: 0,
    files: [],
    reason: null,
    createdAt: call.time,
    updatedAt: call.time,
    expiresAt: new Date(Date.parse(call.time) + KEEP_MS).toISOString(),
    version: 1,
    work: { finished: [], open: null, attempt: 1, failures: 0, holder: '', heldUntil: '' },
  };
  const done = {
    action: 'export-trail',
    target: { type: 'export', id: job.id },
    facts: {
      query: canonical(told(query)),
      queryDigest: queryDigest(query),
      format,
      checkpoint: found.size,
    },
  } as const;
  const act = await actOf(call, done, desk.newCommandId);
  const created = await desk.exports.create(job, asked, act.commandId, await desk.acts.put(act));
  if (created.outcome === 'raced') throw new Error('an export that is new has a record already');
  if (created.outcome === 'seen') return replay(created.seen, asked, actor.id, desk);
  await hintSoon(job, desk);
  return { job, replayed: false };
}

export const noCheckpoint = (): Answer =>
  problem('invalid-body', 'Nothing was begun.', {
    errors: [
      {
        pointer: '/checkpoint',
        code: 'invalid-parameter',
        detail: 'is not the size of a published checkpoint',
      },
    ],
  });

async function replay(seen: Seen, asked: Claim, owner: string, { exports }: ExportDesk) {
  if (seen.payload !== asked.payload)
    return problem('idempotency-key-reused', 'This key was sent with another body. Draw a new key.');
  const job = await exports.one(owner, seen.stream);
  if (!job) return problem('not-found', 'The export of this key has expired.');
  return { job, replayed: true };
}

/** For the list of entries, where they are too many for one answer: the same question again has the same export. */
export const startExport =
  (desk: ExportDesk) =>
  async (call: Call, query: TrailQuery, format: 'csv' | 'jsonl', checkpoint: number): Promise<Answer> => {
    const { id } = await call.actor();
    const key = `${queryDigest(query)} ${format} ${checkpoint}`;
    const asked = claim(id, call.route, key, call.path, queryText(query));
    const begun = await begin(call, { query, format, checkpoint }, asked, desk);
    if ('status' in begun) return begun;
    return {
      status: 303,
      headers: {
        location: filePath(begun.job.id, ROW_FILES[format].name),
        'cache-control': 'no-store',
      },
    };
  };
