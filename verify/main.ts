import { writeFileSync } from 'node:fs';
import { argumentsOf, USAGE } from './arguments.ts';
import { diskFolder } from './folder/disk.ts';
import { Unreadable } from './folder/folder.ts';
import { progressLine } from './progress.ts';
import { render } from './render.ts';
import { verify } from './verify.ts';

/** `npm run verify -- <folder or URL>`: exit 0 holds, 1 finding, 2 could not check. */
async function main(): Promise<number> {
  const read = argumentsOf(process.argv.slice(2), process.env);
  if ('fault' in read) {
    process.stderr.write(`${read.fault}\n\n${USAGE}`);
    return 2;
  }
  const { source, json, quiet, options } = read.arguments;
  if (source === undefined) {
    process.stdout.write(USAGE);
    return 0;
  }
  const progress = progressLine(process.stderr, quiet);
  const report = await verify(diskFolder(source), { ...options, progress: progress.at });
  progress.end();
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
  if (!quiet) process.stdout.write(render(report, source));
  return report.exit;
}

try {
  process.exitCode = await main();
} catch (error) {
  const reason = error instanceof Unreadable || error instanceof Error ? error.message : String(error);
  process.stderr.write(`Could not check: ${reason}\n`);
  process.exitCode = 2;
}
