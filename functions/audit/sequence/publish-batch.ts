import { pendingSk } from '../../../shared/store/keys.ts';
import type { Head } from '../../../shared/store/log-head.ts';
import { checkpointPath } from '../../../shared/store/log-objects.ts';
import { formatNote, parseNote } from '../../../shared/tlog/note.ts';
import { endsOf, publishItems } from './publish-items.ts';
import { growLog, hashesOf, publishTiles } from './publish-tiles.ts';
import type { After } from './sequence-batch.ts';
import type { Candidate } from './sequence-order.ts';
import { refused, type Sequencer } from './sequencer.ts';

/**
 * Publishes the batch that a head ends with, whatever of it is out already: two may do it at once, and one that stops is done again.
 * @param root the signed root of what was published before; null where nothing was.
 */
export async function publishBatch(
  head: Head,
  root: Uint8Array | null,
  entries: readonly Pick<Candidate, 'key' | 'entry' | 'bytes'>[],
  deps: Sequencer,
  after: After,
): Promise<void> {
  const { published: first, size } = head;
  const growth = await growLog(
    head,
    root,
    entries.map(({ bytes }) => Buffer.from(bytes)),
    deps,
  );
  await publishTiles(head, growth, deps);
  await after('tiles');
  await publishItems(first, entries, growth.leaves, deps);
  await after('items');
  await deps.streams.advance(endsOf(first, entries));
  await after('streams');
  const cosignatures = await deps.cosign(head, hashesOf(size, growth, deps.objects));
  await after('cosign');
  const signed = parseNote(head.note);
  if (!signed.ok) throw await refused('head-altered', head, {}, deps);
  const { text, signatures } = signed.note;
  const note = await publishCheckpoint(
    head,
    formatNote({ text, signatures: [...signatures, ...cosignatures] }),
    text,
    deps,
  );
  await after('checkpoint');
  const times = entries.map(({ entry }) => entry.recordedAt).sort();
  const [oldest = head.time] = times;
  await deps.batches.put({
    first,
    size,
    time: head.time,
    maxRecordedAt: times.at(-1) ?? head.time,
    delayMs: Date.parse(head.time) - Date.parse(oldest),
    maxDelayMs: head.maxDelayMs,
    note,
  });
  await after('batch');
  await deps.head.publish(size);
  await after('published');
  await deps.pending.remove(entries.map(({ entry, key }) => pendingSk(entry.recordedAt, key)));
  await after('markers');
  await deps.staged.clear(size);
  await after('cleared');
}

/** Whoever publishes first has it: the witnesses gave another their signatures at another time. */
async function publishCheckpoint(head: Head, note: string, text: string, deps: Sequencer): Promise<string> {
  const path = checkpointPath(head.size);
  if (await deps.objects.putNew(path, Buffer.from(note), 'text/plain; charset=utf-8')) return note;
  const there = await deps.objects.get(path);
  const read = there && parseNote(there);
  if (!there || !read?.ok || read.note.text !== text)
    throw await refused('checkpoint-forked', head, { at: head.size }, deps);
  return Buffer.from(there).toString();
}
