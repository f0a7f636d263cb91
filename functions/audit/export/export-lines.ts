import { ROW_FILES } from '../../../shared/trail/export-manifest.ts';
import { csvHeader, csvLine, jsonLine } from '../ask/represent.ts';
import type { Writing } from './export-chunk.ts';
import type { LogFiles } from './export-leaves.ts';
import { type Asked, rowsOf } from './export-rows.ts';

const LINES = {
  jsonl: { header: () => '', line: jsonLine },
  csv: { header: csvHeader, line: csvLine },
} as const;

/** The rows as lines of text: each is the line that the list would answer at the same checkpoint. */
export const linesOf = (
  format: keyof typeof LINES,
  files: LogFiles,
  asked: Asked,
  shown: boolean,
): Writing => ({
  ...ROW_FILES[format],
  shown,
  async *from(position, { learned: before }) {
    const { header, line } = LINES[format];
    if (position === null) {
      const bytes = Buffer.from(header());
      yield { bytes, rows: 0, after: [0], progress: 0, learned: { population: 0 } };
    }
    for await (const { rows, after, progress, learned } of rowsOf(files, asked, position, before))
      yield {
        bytes: Buffer.from(rows.map(line).join('')),
        rows: rows.length,
        after,
        progress,
        learned,
      };
  },
});
