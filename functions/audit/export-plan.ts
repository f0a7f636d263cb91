import type { ExportJob } from '../../shared/store/exports.ts';
import type { Range } from '../../shared/store/log-plan.ts';
import type { Writing } from './export-chunk.ts';
import type { LogFiles } from './export-leaves.ts';
import { linesOf } from './export-lines.ts';
import { type ManifestNeeds, manifestOf } from './export-manifest.ts';
import { parquetOf } from './export-parquet.ts';

export interface PlanNeeds extends ManifestNeeds {
  files: LogFiles;
}

/** The whole log up to the checkpoint of a job. */
export const wholeRange = ({ checkpoint }: ExportJob): Range => ({ lo: 0, hi: checkpoint });

/** What is written for a job, in order. */
export function planOf(job: ExportJob, needs: PlanNeeds): Writing[] {
  const asked = { query: job.query, size: job.checkpoint, range: wholeRange(job) };
  const { format } = job;
  switch (format) {
    case 'jsonl':
    case 'csv':
      return [linesOf(format, needs.files, asked, true), manifestOf(job, needs)];
    case 'parquet':
      return [parquetOf(needs.files, asked), manifestOf(job, needs)];
    case 'bundle':
      return [];
  }
}
