import { keyOf } from '../../../shared/store/audit-entries.ts';
import type { Head } from '../../../shared/store/log-head.ts';
import { keyText, type Placed } from '../../../shared/store/log-items.ts';
import type { Waiting } from '../../../shared/store/log-pending.ts';
import { leafHash, sameBytes } from '../../../shared/tlog/merkle.ts';
import { decodeEntry } from '../../../shared/trail/entry.ts';
import { recordFinding } from '../record/record-finding.ts';
import { logItemOf } from './publish-items.ts';
import { hasMoved } from './sequence-guard.ts';
import { arrange, type Candidate } from './sequence-order.ts';
import { findLeaf, hashAt } from './sequence-search.ts';
import { SEQUENCER, type Sequencer } from './sequencer.ts';

/** A batch has so many entries at most, and so many bytes of them. */
const MAX_ENTRIES = 1000;
const MAX_BYTES = 6_000_000;
/** Of those that are held back, so many are looked past. */
const MAX_PAGES = 5;

export interface Selection {
  entries: Candidate[];
  /** Markers that were dealt with. */
  dropped: number;
  held: number;
}

/** What comes into the log next, in its order. What can not is put out of the way, and told. Null where the head is another by now. */
export async function selectEntries(head: Head | null, deps: Sequencer): Promise<Selection | null> {
  const candidates = new Map<string, Candidate>();
  const leftovers: string[] = [];
  let dropped = 0;
  let after: string | null = null;
  let arranged: ReturnType<typeof arrange> = { ready: [], held: [] };
  for (let page = 0; page < MAX_PAGES && arranged.ready.length < MAX_ENTRIES; page++) {
    const waiting = await deps.pending.after(after, MAX_ENTRIES);
    const sorted = await sort(waiting, head, deps);
    if (!sorted) return null;
    leftovers.push(...sorted.leftovers);
    dropped += waiting.length - sorted.candidates.length;
    for (const one of sorted.candidates) {
      const text = keyText(one.key);
      if (candidates.has(text)) leftovers.push(one.marker);
      else candidates.set(text, one);
    }
    const ends = await deps.streams.ends([...candidates.values()].map(({ key }) => key.pk));
    arranged = arrange([...candidates.values()], (stream) => ends.get(stream)?.sequence ?? 0, deps.clock());
    after = waiting.at(-1)?.marker ?? null;
    if (waiting.length < MAX_ENTRIES) break;
  }
  await deps.pending.remove(leftovers);
  return { entries: fitting(arranged.ready), dropped, held: arranged.held.length };
}

function fitting(ready: Candidate[]): Candidate[] {
  let bytes = 0;
  const full = ready.findIndex((one, at) => {
    bytes += one.bytes.length;
    return at === MAX_ENTRIES || (bytes > MAX_BYTES && at > 0);
  });
  return full < 0 ? ready : ready.slice(0, full);
}

/** Tells those that can have a place from those that have one, and from those that are not what they should be. */
async function sort(waiting: readonly Waiting[], head: Head | null, deps: Sequencer) {
  const keys = [...new Map(waiting.map(({ key }) => [keyText(key), key])).values()];
  const [bytes, placed] = await Promise.all([deps.entries.bytesAt(keys), deps.items.of(keys)]);
  const ends = await deps.streams.ends(waiting.map(({ key }) => key.pk));
  const candidates: Candidate[] = [];
  const leftovers: string[] = [];
  for (const one of waiting) {
    const text = keyText(one.key);
    const read = readCandidate(one, bytes.get(text));
    const standing = placed.get(text);
    const wrong =
      typeof read === 'string'
        ? read
        : standing && !(await isPlaced(read, standing, head, deps))
          ? 'log-item-altered'
          : null;
    if (wrong === 'log-item-altered' && (await hasMoved(head, deps))) return null;
    if (wrong !== null) await putAside(one, wrong, deps);
    else if (typeof read === 'string') continue;
    else if (standing || (await isFound(read, ends.get(one.key.pk)?.sequence ?? 0, head, deps)))
      leftovers.push(one.marker);
    else candidates.push(read);
  }
  return { candidates, leftovers };
}

type Wrong = 'entry-missing' | 'entry-unreadable' | 'entry-misplaced';

function readCandidate(waiting: Waiting, bytes: string | undefined): Candidate | Wrong {
  if (bytes === undefined) return 'entry-missing';
  const read = decodeEntry(bytes);
  if (!('entry' in read)) return 'entry-unreadable';
  const { entry } = read;
  return keyText(keyOf(entry)) === keyText(waiting.key) ? { ...waiting, bytes, entry } : 'entry-misplaced';
}

/** Whether the log has the entry where its log item says: anybody with the table's key could have put that. */
async function isPlaced(
  { bytes }: Candidate,
  { index, leaf }: Placed,
  head: Head | null,
  deps: Sequencer,
): Promise<boolean> {
  if (!sameBytes(leafHash(Buffer.from(bytes)), leaf)) return false;
  const hash = await hashAt(index, head?.size ?? 0, deps.objects);
  return hash !== null && sameBytes(hash, leaf);
}

/**
 * Whether an entry without a log item is in the log already: one that its stream has gone past may be late, or may have lost its item.
 * Then it gets it back.
 */
async function isFound(
  one: Candidate,
  reached: number,
  head: Head | null,
  deps: Sequencer,
): Promise<boolean> {
  if (!head || (!one.entry.finding && one.entry.sequence > reached)) return false;
  const leaf = leafHash(Buffer.from(one.bytes));
  const index = await findLeaf(leaf, one.entry.recordedAt, head, deps);
  if (index === null) return false;
  await tell(one, 'log-item-missing', deps);
  await deps.items.put([logItemOf(one, index, leaf)]);
  return true;
}

async function putAside(waiting: Waiting, code: string, deps: Sequencer): Promise<void> {
  await tell(waiting, code, deps);
  await deps.pending.quarantine(waiting, code);
}

async function tell({ key }: Waiting, code: string, deps: Sequencer): Promise<void> {
  const sequence = Math.max(1, Number(/^A#(\d{10})/.exec(key.sk)?.[1] ?? 1));
  await recordFinding({ code, stream: key.pk || 'unknown', sequence, to: sequence }, deps, SEQUENCER);
}
