import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseCheckpoint } from '../shared/tlog/checkpoint.ts';
import { parseNote } from '../shared/tlog/note.ts';
import type { Options } from './verify.ts';

export const USAGE = `npm run verify -- <folder or URL> [options]

  <folder>              checkpoint, key, tile/…, tile/entries/… and what else was given with them
  <URL>                 the base address of a running system: it is mirrored into a folder, and that is verified

  --key <key or file>   the log's verifier key, from elsewhere than the log
  --policy <file>       whose cosignatures count, for you
  --since <file>        a checkpoint that you kept
  --merge-delay <s>     seconds within which an entry has to be in a checkpoint (60)
  --late <s>            seconds after which a late recording is a finding (86400)
  --token <token>       a bearer token of an auditor, for a URL (or FOLLOWTHROUGH_TOKEN)
  --save <folder>       keeps the mirror of a URL there
  --json <file>         writes the report as data
  --quiet               says nothing, only the exit code: 0 holds, 1 finding, 2 could not check
`;

export interface Arguments {
  /** Undefined where only help was asked for. */
  source: string | undefined;
  options: Options;
  token: string | undefined;
  save: string | undefined;
  json: string | undefined;
  quiet: boolean;
}

/** Reads the command line, and the files that it names. */
export function argumentsOf(
  given: readonly string[],
  env: Record<string, string | undefined>,
): { arguments: Arguments } | { fault: string } {
  try {
    const { values, positionals } = parseArgs({
      args: [...given],
      allowPositionals: true,
      options: {
        key: { type: 'string' },
        policy: { type: 'string' },
        since: { type: 'string' },
        'merge-delay': { type: 'string' },
        late: { type: 'string' },
        token: { type: 'string' },
        save: { type: 'string' },
        json: { type: 'string' },
        quiet: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    const [source, ...more] = positionals;
    if (!values.help && (source === undefined || more.length > 0))
      return { fault: 'Name one folder or one address.' };
    const options: Options = {
      ...(values.key !== undefined && {
        key: isKey(values.key) ? values.key : fileText('--key', values.key),
      }),
      ...(values.policy !== undefined && { policy: fileText('--policy', values.policy) }),
      ...(values.since !== undefined && { since: checkpointText('--since', values.since) }),
      ...(values['merge-delay'] !== undefined && {
        mergeDelay: milliseconds('--merge-delay', values['merge-delay']),
      }),
      ...(values.late !== undefined && { late: milliseconds('--late', values.late) }),
    };
    const { save, json, quiet, help } = values;
    const token = values.token ?? (env['FOLLOWTHROUGH_TOKEN'] || undefined);
    return { arguments: { source: help ? undefined : source, options, token, save, json, quiet } };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

/** A key is one word of three parts; a file of that name would be a strange one. */
const isKey = (text: string): boolean => /^[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$/.test(text);

function fileText(option: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new Error(`${option}: ${path} can not be read.`);
  }
}

/** What is no checkpoint at all was named by mistake: nothing is found by it. */
function checkpointText(option: string, path: string): string {
  const text = fileText(option, path);
  const read = parseNote(text);
  if (!read.ok || !parseCheckpoint(read.note.text).ok)
    throw new Error(
      `${option}: ${path} is no signed checkpoint. Name a file as GET /v1/audit/checkpoint gave it.`,
    );
  return text;
}

function milliseconds(option: string, text: string): number {
  const value = Number(text);
  if (!/^\d{1,9}(\.\d{1,3})?$/.test(text)) throw new Error(`${option} takes seconds, not "${text}".`);
  return value * 1000;
}
