import type { ExportJob } from '../../../shared/store/export-job.ts';
import type { LogBatches } from '../../../shared/store/log-batches.ts';
import type { LogRows } from '../../../shared/store/log-rows.ts';
import type { Writing } from './export-chunk.ts';
import { type FolderNeeds, folderOf, INNER_MANIFEST } from './export-folder.ts';
import { linesOf } from './export-lines.ts';
import { type ManifestNeeds, manifestOf } from './export-manifest.ts';
import { parquetOf } from './export-parquet.ts';
import { type RecordsNeeds, recordsOf } from './export-records.ts';
import { type StatesNeeds, statesOf } from './export-states.ts';
import { checkpointsOf, tableOf } from './export-table.ts';

export interface PlanNeeds extends ManifestNeeds, FolderNeeds, StatesNeeds, RecordsNeeds {
  commitments: StatesNeeds['commitments'] & RecordsNeeds['commitments'];
  responses: StatesNeeds['responses'] & RecordsNeeds['responses'];
  rows: LogRows;
  batches: Pick<LogBatches, 'from'>;
}

/** What is written for a job, in order: later objects are made of earlier ones. */
export function planOf(job: ExportJob, needs: PlanNeeds): Writing[] {
  const { format, query, checkpoint: size } = job;
  const { files } = needs;
  const asked = { query, size, range: { lo: 0, hi: size } };
  switch (format) {
    case 'jsonl':
    case 'csv':
      return [linesOf(format, files, asked, true), manifestOf(job, needs)];
    case 'parquet':
      return [parquetOf(files, asked), manifestOf(job, needs)];
    case 'bundle':
      return [
        linesOf('jsonl', files, asked, false),
        manifestOf(job, needs, { name: INNER_MANIFEST, format: 'jsonl' }),
        statesOf(needs),
        recordsOf(needs),
        tableOf(files, size, needs.rows),
        checkpointsOf(needs.batches, size),
        folderOf(job, needs),
        manifestOf(job, needs),
      ];
  }
}
