import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Measure } from '../measure.ts';
import { row } from '../row.ts';
import { interleave, ratios } from '../spread.ts';
import { type MadeLog, makeLog } from './made-log.ts';
import type { Read, Way } from './read-process.ts';

const SIZE = 1_000_000;
const QUICK = 50_000;

/** The offline verifier over a whole log, against hashing the same bytes and doing nothing else. */
export const logVerify: Measure = async ({ quick, say }) => {
  const size = quick ? QUICK : SIZE;
  say(`writing a log of ${size.toLocaleString('en')} entries`);
  const log = await makeLog(size);
  try {
    const read = (way: Way) => () => readOnce(way, log, size);
    say('reading it');
    const found = await interleave(quick ? 1 : 3, {
      verify: read('verify'),
      tree: read('tree'),
      stream: read('stream'),
    });
    const rates = (way: keyof typeof found) => found[way].map(({ seconds }) => size / seconds);
    const memory = (way: keyof typeof found) => found[way].map(({ peakMemory }) => peakMemory / 1e6);
    const entries = `${size.toLocaleString('en')} entries`;
    return [
      row({
        name: `verification of ${entries}`,
        unit: 'entries/s',
        figures: rates('verify'),
        floor: { name: 'entries/s, leaf hashes and root in one thread', values: rates('tree') },
        ratios: ratios(rates('verify'), rates('tree')),
        target: { of: 'ratio', is: 'at least', value: 0.3 },
        note: `${found.verify.map(({ seconds }) => seconds.toFixed(1)).join(', ')} s; all checks, two threads, from the disk`,
      }),
      row({
        name: `verification of ${entries}, beside one hash`,
        unit: 'entries/s',
        figures: rates('verify'),
        floor: { name: 'entries/s, one SHA-256 over all of them', values: rates('stream') },
        ratios: ratios(rates('verify'), rates('stream')),
      }),
      row({
        name: `peak memory of the verification of ${entries}`,
        unit: 'MB',
        figures: memory('verify'),
        floor: { name: 'MB, hashing the same', values: memory('tree') },
        ratios: ratios(memory('verify'), memory('tree')),
      }),
    ];
  } finally {
    log.remove();
  }
};

async function readOnce(way: Way, { folder }: MadeLog, size: number): Promise<Read> {
  const program = join(import.meta.dirname, 'read-process.ts');
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--no-warnings', program, way, folder, String(size)]);
  return JSON.parse(stdout) as Read;
}
