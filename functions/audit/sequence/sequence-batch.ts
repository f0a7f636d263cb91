import { latest } from '../../../shared/runtime/clock.ts';
import { keyOf } from '../../../shared/store/audit-entries.ts';
import type { Head } from '../../../shared/store/log-head.ts';
import { formatCheckpoint } from '../../../shared/tlog/checkpoint.ts';
import { CompactRange } from '../../../shared/tlog/merkle.ts';
import { signNote } from '../../../shared/tlog/note.ts';
import { decodeEntry } from '../../../shared/trail/entry.ts';
import { publishBatch } from './publish-batch.ts';
import { guard } from './sequence-guard.ts';
import type { Candidate } from './sequence-order.ts';
import { selectEntries } from './sequence-select.ts';
import { refused, type Sequencer } from './sequencer.ts';

/** What has been done when `after` is called: it may stop after any of them, and the next one goes on. */
export const STEPS = [
  'guarded',
  'selected',
  'staged',
  'signed',
  'advanced',
  'tiles',
  'items',
  'streams',
  'cosign',
  'checkpoint',
  'batch',
  'published',
  'markers',
  'cleared',
] as const;
export type Step = (typeof STEPS)[number];
export type After = (step: Step) => Promise<void> | void;

/** `done`: something came into the log, or was finished. `idle`: nothing was there to do. `lost`: somebody else was faster. */
export type Outcome = { outcome: 'done'; entries: number } | { outcome: 'idle' | 'lost' };

const on: After = () => {};

/**
 * Sequences one batch: guard → select → stage → sign → compare-and-swap of the head → publish. Whatever an earlier one left half done is
 * done first.
 * @throws LogRefused where the log is not as it was left.
 */
export async function sequenceBatch(deps: Sequencer, after: After = on): Promise<Outcome> {
  const head = await deps.head.read();
  const guarded = await guard(head, deps);
  if (!guarded) return { outcome: 'lost' };
  await after('guarded');
  if (head && head.published < head.size) return finish(head, guarded.root, deps, after);

  const selected = await selectEntries(head, deps);
  if (!selected) return { outcome: 'lost' };
  const { entries, dropped } = selected;
  if (entries.length === 0) return dropped > 0 ? { outcome: 'done', entries: 0 } : { outcome: 'idle' };
  await after('selected');
  const next = grow(head, entries, deps.clock());
  await deps.staged.put(
    { first: next.published, root: next.root },
    entries.map(({ bytes }) => bytes),
  );
  await after('staged');
  const { origin, signer } = deps;
  const note = await signNote(formatCheckpoint({ origin, size: next.size, root: next.root }), origin, signer);
  await after('signed');
  if (!(await deps.head.advance(head, { ...next, note }))) return { outcome: 'lost' };
  await after('advanced');
  const advanced = { ...next, note, version: (head?.version ?? 0) + 1 };
  await publishBatch(advanced, guarded.root, entries, deps, after);
  return { outcome: 'done', entries: entries.length };
}

/** The head after a batch; its time is not before that of any entry in it, nor of the batch before. */
function grow(head: Head | null, entries: readonly Candidate[], now: string): Omit<Head, 'note' | 'version'> {
  const range = head ? CompactRange.restore(head.size, head.range) : new CompactRange();
  for (const { bytes } of entries) range.appendBytes(Buffer.from(bytes));
  const recorded = entries.map(({ entry }) => entry.recordedAt).sort();
  const time = latest(head?.time ?? '', now, ...recorded.slice(-1));
  const delay = Date.parse(time) - Date.parse(recorded[0] ?? time);
  return {
    size: range.size,
    root: range.root(),
    range: range.hashes(),
    published: head?.size ?? 0,
    time,
    maxDelayMs: Math.max(head?.maxDelayMs ?? 0, delay),
  };
}

/** Publishes what was signed and is not out. */
async function finish(head: Head, root: Uint8Array | null, deps: Sequencer, after: After): Promise<Outcome> {
  const staged = await deps.staged.read({ first: head.published, root: head.root });
  if (!staged) {
    const now = await deps.head.read();
    if (now && now.published >= head.size) return { outcome: 'lost' };
    throw await refused('staged-missing', head, {}, deps);
  }
  const entries = staged.map((bytes) => {
    const read = decodeEntry(bytes);
    return 'entry' in read ? { bytes, entry: read.entry, key: keyOf(read.entry) } : null;
  });
  const whole = entries.filter((entry) => entry !== null);
  if (whole.length < entries.length) throw await refused('staged-altered', head, {}, deps);
  await publishBatch(head, root, whole, deps, after);
  return { outcome: 'done', entries: whole.length };
}
