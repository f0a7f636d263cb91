import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planOf } from '../../functions/audit/export/export-plan.ts';
import { writeBatch } from '../../functions/audit/export/write-exports.ts';
import type { ExportJob, ExportPart } from '../../shared/store/export-job.ts';
import type { Exports } from '../../shared/store/exports.ts';
import { checkpointPath } from '../../shared/store/log-objects.ts';
import { needsOf } from '../../test/kit/export-log.ts';
import { partSink } from './part-sink.ts';

/** `node export-process.ts <folder> <size>`: exports a log as JSON Lines, in a process of its own, and tells what it took. */
export interface Exported {
  seconds: number;
  /** Resident bytes of the process, sampled evenly from when a tenth of the rows was written. */
  memory: number[];
  /** Bytes of the file of rows. */
  bytes: number;
}

const SAMPLE_MS = 50;

const [log = '', text = ''] = process.argv.slice(2);
const size = Number(text);
const folder = mkdtempSync(join(tmpdir(), 'followthrough-bench-export-'));
const files = {
  get: (path: string) => readFile(join(log, path === checkpointPath(size) ? 'checkpoint' : path)),
};
const objects = partSink(folder);
const now = new Date().toISOString();
let job: ExportJob = {
  id: 'exp_bench',
  owner: 'per_bench',
  role: 'auditor',
  state: 'waiting',
  query: { order: 'asc' },
  format: 'jsonl',
  checkpoint: size,
  rows: 0,
  total: size,
  progress: 0,
  files: [],
  reason: null,
  createdAt: now,
  updatedAt: now,
  expiresAt: '2100-01-01T00:00:00.000Z',
  version: 1,
  work: { finished: [], open: null, attempt: 1, failures: 0, holder: '', heldUntil: '' },
};
const sent: ExportPart[] = [];
const exports: Pick<Exports, 'one' | 'keep' | 'parts'> = {
  one: async () => structuredClone(job),
  async keep(next, parts = []) {
    if (next.version !== job.version) return null;
    sent.push(...parts);
    job = structuredClone({ ...next, version: next.version + 1 });
    return structuredClone(job);
  },
  parts: async () => structuredClone(sent),
};

try {
  const memory: number[] = [];
  const sampling = setInterval(() => {
    if (job.progress >= 0.1) memory.push(process.memoryUsage.rss());
  }, SAMPLE_MS);
  const began = performance.now();
  let again = true;
  const write = writeBatch({
    slice: {
      exports,
      objects,
      planOf: (one) => planOf(one, needsOf(files, objects)),
      now: Date.now,
      newHolder: () => 'bench',
      log: {
        info: () => {},
        error: (message, fields) => process.stderr.write(`${message} ${fields?.['error']}\n`),
      },
    },
    hint: async () => {
      again = true;
    },
  });
  while (again) {
    again = false;
    await write([{ messageId: '1', owner: job.owner, exportId: job.id }]);
  }
  const seconds = (performance.now() - began) / 1000;
  clearInterval(sampling);
  if (job.state !== 'done' || job.rows !== size) throw new Error(`${job.state} with ${job.rows} rows`);
  const exported: Exported = { seconds, memory, bytes: job.files[0]?.bytes ?? 0 };
  process.stdout.write(JSON.stringify(exported));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
