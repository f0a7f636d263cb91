import { existsSync, writeFileSync } from 'node:fs';
import { type Arguments, argumentsOf, USAGE } from './arguments.ts';
import { diskFolder } from './folder/disk.ts';
import { isAddress, mirrored } from './mirror/source.ts';
import { progressLine } from './progress.ts';
import { render } from './render.ts';
import type { Report } from './report.ts';
import { verify } from './verify.ts';

const LIKE_AN_ADDRESS = /^[\w.-]+:\d{1,5}(\/.*)?$/;

/** `npm run verify -- <folder or URL>`: exit 0 holds, 1 finding, 2 could not check. */
async function main(): Promise<number> {
  const read = argumentsOf(process.argv.slice(2), process.env);
  if ('fault' in read) {
    process.stderr.write(`${read.fault}\n\n${USAGE}`);
    return 2;
  }
  const { source, json, quiet } = read.arguments;
  if (source === undefined) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (!isAddress(source) && LIKE_AN_ADDRESS.test(source) && !existsSync(source))
    throw new Error(`there is no folder ${source}; a running system is named as http://${source}`);
  const report = isAddress(source)
    ? await verifySystem(source, read.arguments)
    : await verifyFolder(source, read.arguments);
  if (!quiet) process.stdout.write(render(report, source));
  return json === undefined || written(json, report) ? report.exit : report.exit || 2;
}

function written(path: string, report: Report): boolean {
  try {
    writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
    return true;
  } catch (error) {
    process.stderr.write(`The report could not be written: ${(error as Error).message}\n`);
    return false;
  }
}

async function verifyFolder(folder: string, { options, quiet }: Arguments): Promise<Report> {
  const progress = progressLine(process.stderr, quiet);
  const report = await verify(diskFolder(folder), {
    ...options,
    progress: (done, of) => progress.at('entries', done, of),
  });
  progress.end();
  return report;
}

async function verifySystem(source: string, given: Arguments): Promise<Report> {
  const progress = progressLine(process.stderr, given.quiet);
  const { target, options, note } = await mirrored(source, given, progress.at);
  progress.end();
  try {
    if (note !== null && !given.quiet) process.stderr.write(`${note}\n`);
    return await verifyFolder(target.place, { ...given, options: { ...given.options, ...options } });
  } finally {
    target.end();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`Could not check: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
