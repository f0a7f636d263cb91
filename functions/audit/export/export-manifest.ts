import type { ExportJob } from '../../../shared/store/export-job.ts';
import { checkpointPath } from '../../../shared/store/log-objects.ts';
import {
  type ExportFormat,
  type ExportManifest,
  MANIFEST_FILE,
  ROW_FILES,
} from '../../../shared/trail/export-manifest.ts';
import { queryDigest } from '../../../shared/trail/query.ts';
import type { Writing } from './export-chunk.ts';
import { type LogFiles, objectAt } from './export-leaves.ts';

export interface ManifestNeeds {
  files: LogFiles;
  /** The log's key as text (a signed note's vkey). */
  key(): Promise<string>;
  product: string;
}

/** The manifest of the file of rows, written behind it. */
export const manifestOf = (
  job: ExportJob,
  needs: ManifestNeeds,
  { name = MANIFEST_FILE, format = job.format }: { name?: string; format?: ExportFormat } = {},
): Writing => ({
  name,
  type: 'application/json',
  shown: name === MANIFEST_FILE,
  async *from() {
    const { finished } = job.work;
    const file = finished.find((object) => object.name === ROW_FILES[format].name);
    const rowsFile = finished.find((object) => object.name.startsWith('entries.'));
    if (!file || !rowsFile) throw new Error('a manifest is written behind the rows');
    const { bytes, sha256 } = file;
    const { rows, learned } = rowsFile;
    const { sample } = job.query;
    const { population = 0, firstIndex = null, lastIndex = null, indices = [] } = learned;
    const note = Buffer.from(await objectAt(needs.files, checkpointPath(job.checkpoint))).toString();
    const manifest: ExportManifest = {
      v: 1,
      product: needs.product,
      exportId: job.id,
      format,
      query: job.query,
      queryDigest: queryDigest(job.query),
      order: job.query.order,
      checkpoint: { size: job.checkpoint, note, key: await needs.key() },
      counts: { rows, population },
      firstIndex,
      lastIndex,
      ...(sample && { sample: { ...sample, population, indices } }),
      files: [{ name: file.name, bytes, sha256 }],
      madeAt: job.createdAt,
      madeBy: { id: job.owner, role: job.role },
    };
    const text = `${JSON.stringify(manifest, null, 2)}\n`;
    yield { bytes: Buffer.from(text), rows: 0, after: [1], progress: 1 };
  },
});
