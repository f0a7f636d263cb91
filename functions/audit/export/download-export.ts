import { actOf } from '../../../shared/lambda/act.ts';
import type { Answer, Call } from '../../../shared/lambda/http.ts';
import { problem } from '../../../shared/lambda/problem.ts';
import type { ExportJob } from '../../../shared/store/export-job.ts';
import type { ExportObjects } from '../../../shared/store/export-objects.ts';
import { type ExportDesk, ownExport } from './export-desk.ts';
import { filePath, namesOf } from './export-representation.ts';
import { noExport } from './read-exports.ts';

/** An HTTP API waits 30 s at most for an answer. */
const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 500;
const LINK_SECONDS = 15 * 60;

/**
 * `GET /v1/audit/exports/{id}/files/{name}`: to the file itself, by a link that holds for 15 minutes; while it is written, to here again
 * after a while, so that whoever follows redirects gets the whole file in the end.
 */
export const downloadExport =
  (desk: ExportDesk, objects: Pick<ExportObjects, 'link'>) =>
  async (call: Call): Promise<Answer> => {
    const { name = '' } = call.params;
    let job = await ownExport(call, desk);
    if (!job || !namesOf(job).includes(name)) return noExport();
    const until = desk.now() + PATIENCE_MS;
    while ((job.state === 'waiting' || job.state === 'writing') && desk.now() < until) {
      await desk.pause(LOOK_EVERY_MS);
      job = (await desk.exports.one(job.owner, job.id)) ?? job;
    }
    if (job.state === 'failed')
      return problem('export-failed', 'Nothing of it can be fetched. Ask for it again.', {
        reason: job.reason,
      });
    if (job.state !== 'done') return redirect(filePath(job.id, name), { 'retry-after': '1' });
    const file = job.files.find((written) => written.name === name);
    if (!file) return noExport();
    await recordDownload(call, job, file, desk);
    return redirect(await objects.link(file.key, fileName(job, name), LINK_SECONDS));
  };

const redirect = (location: string, headers: Record<string, string> = {}): Answer => ({
  status: 307,
  headers: { location, 'cache-control': 'no-store', ...headers },
});

/** The files of several exports have to lie in one folder of who fetches them. */
const fileName = ({ id }: ExportJob, name: string): string => `${id}-${name}`;

async function recordDownload(
  call: Call,
  { id }: ExportJob,
  { name, bytes, sha256 }: ExportJob['files'][number],
  { acts, newCommandId }: ExportDesk,
): Promise<void> {
  const done = {
    action: 'download-export',
    target: { type: 'export', id },
    facts: { file: name, bytes, sha256 },
  } as const;
  await acts.append(await actOf(call, done, newCommandId));
}
