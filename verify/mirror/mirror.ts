import { decodeBundle } from '../../shared/tlog/bundle.ts';
import { parseCheckpoint } from '../../shared/tlog/checkpoint.ts';
import { parseNote } from '../../shared/tlog/note.ts';
import { parseTilePath } from '../../shared/tlog/tiles.ts';
import { histories } from './histories.ts';
import { type Client, NotMirrored } from './http.ts';
import { lists } from './lists.ts';
import { AT_ONCE, inParallel, type Tell } from './parallel.ts';
import { bundlePaths, tilePaths } from './paths.ts';
import type { Target } from './target.ts';

/**
 * Mirrors what a running system shows of its log into a folder, which is then verified like any other: the public part, and with an
 * auditor's token the entries, the rows of the table, and the records and states of commitments.
 * @returns when the records and rows began to be read, in milliseconds since 1970.
 */
export async function mirror(
  client: Client,
  target: Target,
  withEntries: boolean,
  tell: Tell,
): Promise<number> {
  const size = await checkpoint(client, target);
  for (const path of ['key', 'policy']) {
    const bytes = await client.get(`/v1/audit/${path}`);
    if (bytes !== null) target.put(path, bytes);
  }
  await lists(client).checkpoints(target, size);
  await files(client, target, tilePaths(size), Math.ceil(size / 256), 'tiles', tell);
  const takenAt = Date.now();
  if (!withEntries) return takenAt;
  const seen = { commitments: new Set<string>(), days: new Set<string>() };
  await files(client, target, bundlePaths(size), Math.ceil(size / 256), 'entries', tell, (path, bytes) =>
    look(bytes, parseTilePath(path)?.width ?? 0, seen),
  );
  await manifests(client, target, seen.days);
  tell('rows');
  await lists(client).rows(target);
  await histories(client, target, seen.commitments, tell);
  return takenAt;
}

/** @returns the size that it names; its signature is looked at when the folder is verified. */
async function checkpoint(client: Client, target: Target): Promise<number> {
  const bytes = await client.get('/v1/audit/checkpoint');
  if (bytes === null) throw new NotMirrored('the system has no checkpoint: its log is empty, or it has none');
  target.put('checkpoint', bytes);
  const note = parseNote(bytes);
  const read = note.ok ? parseCheckpoint(note.note.text) : note;
  if (!read.ok || !('checkpoint' in read))
    throw new NotMirrored('what the system gives as its checkpoint is none');
  return read.checkpoint.size;
}

/** What is not there is not put: whether it has to be there is told by the verification. */
async function files(
  client: Client,
  target: Target,
  paths: Iterable<string>,
  of: number,
  what: string,
  tell: Tell,
  look: (path: string, bytes: Uint8Array) => void = () => {},
): Promise<void> {
  let done = 0;
  let missing = 0;
  await inParallel(paths, AT_ONCE, async (path) => {
    if (missing > MAX_MISSING) return;
    const bytes = await client.get(`/v1/audit/${path}`);
    if (bytes === null) missing += 1;
    else {
      target.put(path, bytes);
      look(path, bytes);
    }
    done += 1;
    tell(what, done, of);
  });
}

/** A checkpoint may name any size: who lacks so many of its files has it not. */
const MAX_MISSING = 100;

/** Looks leniently for what more there is to fetch; strictness comes with the verification. */
function look(bytes: Uint8Array, width: number, seen: { commitments: Set<string>; days: Set<string> }): void {
  const bundle = decodeBundle(bytes, width);
  for (const entry of bundle.ok ? bundle.entries : []) {
    try {
      const { stream, manifest } = JSON.parse(Buffer.from(entry).toString()) as {
        stream?: unknown;
        manifest?: { day?: unknown };
      };
      if (typeof stream === 'string' && /^cmt_[A-Za-z0-9]{1,64}$/.test(stream)) seen.commitments.add(stream);
      const day = manifest?.day;
      if (typeof day === 'string' && /^\d{4}-\d\d-\d\d$/.test(day)) seen.days.add(day);
    } catch {
      // It is told by the check of the entries.
    }
  }
}

async function manifests(client: Client, target: Target, days: Iterable<string>): Promise<void> {
  for (const day of days) {
    const bytes = await client.get(`/v1/audit/manifests/${day}`);
    // A system that does not serve one serves none of them.
    if (bytes === null) return;
    target.put(`manifests/${day}`, bytes);
  }
}
