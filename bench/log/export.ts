import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Measure } from '../measure.ts';
import { row } from '../row.ts';
import { interleave, percentile, ratios } from '../spread.ts';
import type { Exported } from './export-process.ts';
import { makeLog } from './made-log.ts';
import type { Read } from './read-process.ts';

const SIZE = 1_000_000;
const QUICK = 50_000;

/** All entries of a log as JSON Lines, by the worker that writes exports: its rate and its memory. */
export const logExport: Measure = async ({ quick, say }) => {
  const size = quick ? QUICK : SIZE;
  say(`writing a log of ${size.toLocaleString('en')} entries`);
  const log = await makeLog(size);
  try {
    const run = async (program: string, ...args: string[]): Promise<string> => {
      const file = join(import.meta.dirname, program);
      const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', file, ...args]);
      return stdout;
    };
    say('exporting it');
    const found = await interleave(quick ? 1 : 3, {
      exported: async (): Promise<Exported> =>
        JSON.parse(await run('export-process.ts', log.folder, String(size))),
      copied: async () => {
        const { seconds } = JSON.parse(
          await run('read-process.ts', 'copy', log.folder, String(size)),
        ) as Read;
        return { seconds, memory: [], bytes: 0 } satisfies Exported;
      },
    });
    const rates = found.exported.map(({ seconds }) => size / seconds);
    const floors = found.copied.map(({ seconds }) => size / seconds);
    const most = found.exported.map(({ memory }) => Math.max(...memory) / 1e6);
    const middle = found.exported.map(({ memory }) => percentile(memory, 50) / 1e6);
    const rows = `${size.toLocaleString('en')} rows`;
    return [
      row({
        name: `export of ${rows}`,
        unit: 'rows/s',
        figures: rates,
        floor: { name: 'rows/s, the leaves copied to a file as lines', values: floors },
        ratios: ratios(rates, floors),
        note: `${((found.exported[0]?.bytes ?? 0) / 1e6).toFixed(0)} MB; written once, read again once to be hashed; parts go to a file in the place of the bucket`,
      }),
      row({
        name: `most memory while exporting ${rows}`,
        unit: 'MB',
        figures: most,
        floor: { name: 'MB, the median of the samples', values: middle },
        ratios: ratios(most, middle),
        target: { of: 'ratio', is: 'at most', value: 1.2 },
        note: `resident, ${found.exported[0]?.memory.length} samples a run, from a tenth of the rows on`,
      }),
    ];
  } finally {
    log.remove();
  }
};
