import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { coldStart } from './cold-start.ts';
import { logExport } from './log/export.ts';
import { mergeDelay } from './log/merge-delay.ts';
import { logProof } from './log/proof.ts';
import { logQueries } from './log/queries.ts';
import { logSequence } from './log/sequence.ts';
import { logVerify } from './log/verify.ts';
import type { Measure } from './measure.ts';
import { rollupReads } from './rollups.ts';
import type { Row } from './row.ts';
import { startTime } from './start.ts';
import { table } from './table.ts';
import { updates } from './updates.ts';
import { visibility } from './visibility.ts';
import { writeUnitsOfCommands } from './write-units.ts';

const MEASURES: Record<string, { title: string; measure: Measure }> = {
  updates: { title: 'Updates over HTTP', measure: updates },
  visibility: { title: 'From an update to all who wait for it, at 5 updates a second', measure: visibility },
  rollups: { title: 'Totals of many commitments', measure: rollupReads },
  'write-units': { title: 'DynamoDB write units of the commands', measure: writeUnitsOfCommands },
  'log-verify': { title: 'The log: verification', measure: logVerify },
  'log-proof': { title: 'The log: proofs of entries', measure: logProof },
  'log-queries': { title: 'The log: pages of the trail', measure: logQueries },
  'log-sequence': { title: 'The log: sequencing', measure: logSequence },
  'merge-delay': {
    title: 'The log: from an entry to its checkpoint, at 5 updates a second',
    measure: mergeDelay,
  },
  'log-export': { title: 'The log: an export of all of it', measure: logExport },
  'cold-start': { title: 'Cold start and size of the functions', measure: coldStart },
  start: { title: 'Start and memory', measure: startTime },
};

const USAGE = `npm run bench [-- --only <name>]… [-- --quick]

Measures Followthrough against floors of the same run.

  --only <name>   one of ${Object.keys(MEASURES).join(', ')}; may be repeated
  --quick         fewer and shorter rounds
  --help          shows this
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const names = values.only ?? Object.keys(MEASURES);
  const unknown = names.find((name) => !(name in MEASURES));
  if (values.help || unknown) {
    process.stderr.write(unknown ? `There is no measurement ${unknown}.\n\n${USAGE}` : USAGE);
    process.exitCode = unknown ? 1 : 0;
    return;
  }
  const results: Record<string, Row[]> = {};
  for (const name of names) {
    const say = (line: string) => process.stderr.write(`${name}: ${line}\n`);
    const { title, measure } = MEASURES[name] as { title: string; measure: Measure };
    results[name] = await measure({ quick: values.quick, say }).catch((error: Error) => {
      say(`failed: ${error.stack}`);
      process.exitCode = 1;
      return [];
    });
    process.stdout.write(`${table(title, results[name])}\n\n`);
  }
  process.stderr.write(`written to ${write(results, values.quick)}\n`);
}

/** Where the numbers were had stands beside them: they say little about another machine. */
function write(results: Record<string, Row[]>, quick: boolean): string {
  const date = new Date().toISOString();
  const folder = join(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${date.replaceAll(':', '-')}.json`);
  const machine = { cores: cpus().length, processor: cpus()[0]?.model ?? '', node: process.version };
  writeFileSync(file, `${JSON.stringify({ date, quick, machine, results }, null, 2)}\n`);
  return file;
}

await main();
