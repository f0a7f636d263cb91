import { sha256 } from '../../../shared/record/canonical.ts';
import type { LogItem } from '../../../shared/store/log-items.ts';
import type { StreamEnd } from '../../../shared/store/log-streams.ts';
import { columnsOf } from '../../../shared/trail/columns.ts';
import { recordFinding } from '../record/record-finding.ts';
import type { Candidate } from './sequence-order.ts';
import { SEQUENCER, type Sequencer } from './sequencer.ts';

type Sequenced = Pick<Candidate, 'key' | 'entry' | 'bytes'>;

export const logItemOf = ({ key, entry }: Sequenced, index: number, leaf: Uint8Array): LogItem => ({
  entry: key,
  index,
  leaf,
  columns: columnsOf(entry),
  ...(entry.evidence && { evidence: entry.evidence }),
});

/** Puts beside each entry where it is in the log. Where something else stands, that stays, and is told. */
export async function publishItems(
  first: number,
  entries: readonly Sequenced[],
  leaves: readonly Uint8Array[],
  deps: Sequencer,
): Promise<void> {
  const items = entries.flatMap((one, at) => {
    const leaf = leaves[at];
    return leaf ? [logItemOf(one, first + at, leaf)] : [];
  });
  for (const { pk, sk } of await deps.items.put(items)) {
    const sequence = Number(sk.slice(2, 12));
    const finding = { code: 'log-item-altered', stream: pk, sequence, to: sequence };
    await recordFinding(finding, deps, SEQUENCER);
  }
}

/** How far each stream is in the log after a batch. Findings belong to no order, so their streams have no end. */
export function endsOf(first: number, entries: readonly Sequenced[]): StreamEnd[] {
  const ends = new Map<string, StreamEnd>();
  for (const [at, { entry, bytes }] of entries.entries()) {
    const { stream, sequence, finding, recordHash = sha256(bytes) } = entry;
    if (finding || sequence < (ends.get(stream)?.sequence ?? 0)) continue;
    ends.set(stream, { stream, sequence, recordHash, index: first + at });
  }
  return [...ends.values()];
}
