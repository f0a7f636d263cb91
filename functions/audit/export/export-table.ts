import { keyOf } from '../../../shared/store/audit-entries.ts';
import type { LogBatches } from '../../../shared/store/log-batches.ts';
import type { LogRows } from '../../../shared/store/log-rows.ts';
import type { AuditEntry } from '../../../shared/trail/entry.ts';
import type { Writing } from './export-chunk.ts';
import { type LogFiles, leavesOf } from './export-leaves.ts';

/**
 * What stands in the table for each entry of the log, in its order: found by the entry itself, so that a row which is gone, or which no
 * index shows, is told as well. It also learns for which days there is a manifest.
 */
export const tableOf = (files: LogFiles, size: number, rows: LogRows): Writing => ({
  name: 'rows.jsonl',
  type: 'application/jsonl',
  shown: false,
  async *from(position, { learned }) {
    let gone = Number(position?.[0] ?? 0);
    let days = learned.days ?? [];
    for await (const leaves of leavesOf(files, size, { lo: 0, hi: size }, 'asc', gone)) {
      const entries = leaves.map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()) as AuditEntry);
      const found = await rows.at(entries.map(keyOf));
      gone += leaves.length;
      days = [...days, ...entries.flatMap(({ manifest }) => manifest?.day ?? [])];
      yield {
        bytes: Buffer.from(found.map((row) => `${JSON.stringify(row)}\n`).join('')),
        rows: found.length,
        after: [gone],
        progress: gone / size,
        learned: { days },
      };
    }
  },
});

const PAGE = 200;

/** Every checkpoint that was published up to a size, a line each. */
export const checkpointsOf = (batches: Pick<LogBatches, 'from'>, size: number): Writing => ({
  name: 'checkpoints.jsonl',
  type: 'application/jsonl',
  shown: false,
  async *from(position) {
    for (let next = Number(position?.[0] ?? 0); ; ) {
      const page = (await batches.from(next, PAGE)).filter((batch) => batch.size <= size);
      const last = page.at(-1);
      if (!last) return;
      next = last.first + 1;
      const lines = page.map((batch) => {
        const { size, time, note } = batch;
        return `${JSON.stringify({ size, time, note })}\n`;
      });
      const bytes = Buffer.from(lines.join(''));
      yield { bytes, rows: page.length, after: [next], progress: last.size / size };
    }
  },
});
