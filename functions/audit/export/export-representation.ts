import type { ExportJob } from '../../../shared/store/export-job.ts';
import { MANIFEST_FILE, ROW_FILES } from '../../../shared/trail/export-manifest.ts';
import type { TrailQuery } from '../../../shared/trail/query.ts';

export const exportPath = (id: string): string => `/v1/audit/exports/${id}`;
export const filePath = (id: string, name: string): string => `${exportPath(id)}/files/${name}`;

/** The names of the files that a job has, or will have. */
export const namesOf = ({ format }: Pick<ExportJob, 'format'>): string[] => [
  ROW_FILES[format].name,
  MANIFEST_FILE,
];

/** An export as the API shows it. The addresses of its files hold from the start: who asks early waits. */
export function representExport(job: ExportJob) {
  const files = namesOf(job).map((name) => {
    const file = job.files.find((written) => written.name === name);
    const url = filePath(job.id, name);
    return { name, bytes: file?.bytes ?? null, sha256: file?.sha256 ?? null, url };
  });
  return {
    id: job.id,
    state: job.state,
    query: parametersOf(job.query),
    format: job.format,
    checkpoint: job.checkpoint,
    rows: job.rows,
    total: job.total,
    progress: Math.floor(job.progress * 1000) / 1000,
    files,
    ...(job.state === 'done' && { manifest: filePath(job.id, MANIFEST_FILE) }),
    ...(job.reason !== null && { reason: job.reason }),
    createdAt: job.createdAt,
    updatedAt: job.updatedAt,
    expiresAt: job.expiresAt,
  };
}

/** A query as the parameters that ask it. */
function parametersOf({ target, sample, ...query }: TrailQuery): Record<string, string> {
  const parameters = {
    ...(target !== undefined && { commitment: target }),
    ...query,
    ...(sample && { sample: sample.size, seed: sample.seed }),
  };
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, String(value)]));
}
