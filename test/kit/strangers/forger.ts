import { isDeepStrictEqual } from 'node:util';
import { inParallel } from '../../../shared/runtime/parallel.ts';
import { keyOf } from '../../../shared/store/audit-entries.ts';
import {
  BATCHES,
  blockOf,
  indexText,
  LOG_HEAD,
  logItemKey,
  TIMES,
  timesSk,
} from '../../../shared/store/keys.ts';
import { checkpointPath } from '../../../shared/store/log-objects.ts';
import { decodeBundle } from '../../../shared/tlog/bundle.ts';
import { formatCheckpoint, parseCheckpoint } from '../../../shared/tlog/checkpoint.ts';
import { CompactRange, leafHash } from '../../../shared/tlog/merkle.ts';
import { parseNote, signNote } from '../../../shared/tlog/note.ts';
import type { Signer } from '../../../shared/tlog/signer.ts';
import { entriesPath, TILE_WIDTH, tileWidth } from '../../../shared/tlog/tiles.ts';
import { columnsOf } from '../../../shared/trail/columns.ts';
import type { AuditEntry } from '../../../shared/trail/entry.ts';
import { treeFiles } from '../log-maker.ts';
import type { Item, Stranger } from './stranger.ts';

export interface PublishedLog {
  origin: string;
  size: number;
  /** The checkpoint with all its signatures. */
  note: string;
  leaves: Buffer[];
}

/** The log as the bucket has it, at its newest checkpoint. */
export async function publishedLog(stranger: Stranger): Promise<PublishedLog> {
  const newest = (await stranger.paths('checkpoints/')).sort().at(-1) ?? '';
  const note = (await stranger.object(newest))?.toString() ?? '';
  const read = parseNote(note);
  const checkpoint = read.ok ? parseCheckpoint(read.note.text) : read;
  if (!checkpoint.ok) throw new Error(`${newest}: ${checkpoint.reason}`);
  const { origin, size } = checkpoint.checkpoint;
  const leaves: Buffer[] = [];
  for (let n = 0; n * TILE_WIDTH < size; n += 1) {
    const width = tileWidth(0, n, size);
    const bundle = decodeBundle((await stranger.object(entriesPath(n, width))) ?? Buffer.alloc(0), width);
    if (!bundle.ok) throw new Error(`bundle ${n}: ${bundle.reason}`);
    leaves.push(...bundle.entries.map((entry) => Buffer.from(entry)));
  }
  return { origin, size, note, leaves };
}

/**
 * Writes another history over the log, as somebody would who has the bucket, the tables and the key: bundles, tiles, one checkpoint and
 * head. Objects that the new one does not need are taken away, and so are all earlier checkpoints.
 */
export async function rewriteLog(
  stranger: Stranger,
  { origin, leaves }: Pick<PublishedLog, 'origin' | 'leaves'>,
  key: Signer,
): Promise<string> {
  const { files, root } = treeFiles(leaves);
  const size = leaves.length;
  const note = await signNote(formatCheckpoint({ origin, size, root }), origin, key);
  files.set(checkpointPath(size), Buffer.from(note));
  for (const prefix of ['tile/', 'checkpoints/'])
    for (const path of await stranger.paths(prefix)) if (!files.has(path)) await stranger.removeObject(path);
  for (const [path, bytes] of files) await stranger.putObject(path, bytes);
  await rewriteHead(stranger, leaves, note);
  return note;
}

async function rewriteHead(stranger: Stranger, leaves: readonly Buffer[], note: string): Promise<void> {
  const size = leaves.length;
  const before = await stranger.item('log', LOG_HEAD.pk, LOG_HEAD.sk);
  const range = new CompactRange();
  for (const leaf of leaves) range.appendBytes(leaf);
  const time = before?.['time']?.S ?? '';
  await stranger.put('log', {
    ...before,
    ...textItem(LOG_HEAD.pk, LOG_HEAD.sk),
    size: { N: `${size}` },
    published: { N: `${size}` },
    root: { B: range.root() },
    range: { B: Buffer.concat(range.hashes()) },
    note: { S: note },
  });
  const batches = await stranger.items('log', BATCHES);
  for (const pk of [BATCHES, TIMES])
    for (const item of await stranger.items('log', pk)) await stranger.remove('log', pk, item['sk']?.S ?? '');
  await stranger.put('log', {
    ...batches.at(-1),
    ...textItem(BATCHES, indexText(0)),
    size: { N: `${size}` },
    note: { S: note },
  });
  await stranger.put('log', { ...textItem(TIMES, timesSk(time, 0)), size: { N: `${size}` } });
}

/** Writes the table of the trail anew, so that it is what the leaves say: whoever writes a second history does that too. */
export async function rewriteTable(stranger: Stranger, leaves: readonly Buffer[]): Promise<void> {
  const wanted = new Map<string, Item>();
  for (const [index, leaf] of leaves.entries()) {
    const entry = JSON.parse(leaf.toString()) as AuditEntry;
    const at = keyOf(entry);
    const beside = logItemKey(at);
    wanted.set(`${at.pk}\n${at.sk}`, { ...textItem(at.pk, at.sk), bytes: { S: leaf.toString() } });
    wanted.set(`${beside.pk}\n${beside.sk}`, {
      ...textItem(beside.pk, beside.sk),
      ...logItem(entry, index, leaf),
    });
  }
  const gone: [pk: string, sk: string][] = [];
  for (const item of await stranger.everything('audit')) {
    const [pk, sk] = [item['pk']?.S ?? '', item['sk']?.S ?? ''];
    const want = wanted.get(`${pk}\n${sk}`);
    if (!want) gone.push([pk, sk]);
    else if (isDeepStrictEqual(plain(want), plain(item))) wanted.delete(`${pk}\n${sk}`);
  }
  await inParallel(gone, AT_ONCE, ([pk, sk]) => stranger.remove('audit', pk, sk));
  await inParallel([...wanted.values()], AT_ONCE, (item) => stranger.put('audit', item));
}

const AT_ONCE = 25;

const plain = (item: Item) =>
  Object.fromEntries(
    Object.entries(item).map(([name, { S, B }]) => [name, S ?? Buffer.from(B ?? []).toString('hex')]),
  );

/** What stands beside an entry with a place in the log. */
export const logItem = (entry: AuditEntry, index: number, leaf: Uint8Array): Item => ({
  index: { S: indexText(index) },
  block: { S: blockOf(index) },
  leaf: { B: leafHash(leaf) },
  ...Object.fromEntries(
    Object.entries(columnsOf(entry)).map(([name, value]) => [name, { S: String(value) }]),
  ),
});

export const textItem = (pk: string, sk: string): Item => ({ pk: { S: pk }, sk: { S: sk } });
