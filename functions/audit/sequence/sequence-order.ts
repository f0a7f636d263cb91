import type { Waiting } from '../../../shared/store/log-pending.ts';
import type { AuditEntry } from '../../../shared/trail/entry.ts';

/** An entry that can have its place: its bytes say what they should. */
export interface Candidate extends Waiting {
  bytes: string;
  entry: AuditEntry;
}

/** So long an entry waits for the one before it in its stream; then it goes on without. */
export const HOLD_MS = 20_000;

/**
 * Puts entries in the order in which they come into the log: as they were recorded, and each stream in its own order. An entry whose
 * predecessor is neither in the log (`reached` tells how far a stream is there) nor among them is held back for a while.
 */
export function arrange(
  candidates: readonly Candidate[],
  reached: (stream: string) => number,
  now: string,
): { ready: Candidate[]; held: Candidate[] } {
  const ready: Candidate[] = [];
  const held: Candidate[] = [];
  const streams = Map.groupBy(candidates, ({ key }) => key.pk);
  for (const [stream, all] of streams) {
    let before = reached(stream);
    for (const one of all.sort(bySk)) {
      const { sequence, finding } = one.entry;
      // Findings stand at the places of what they are about: none comes before another.
      if (!finding && sequence > before + 1 && mayWait(one, now)) held.push(one);
      else {
        ready.push(one);
        before = Math.max(before, sequence);
      }
    }
  }
  return { ready: inStreamOrder(ready.sort(byTime)), held };
}

const byTime = (a: Candidate, b: Candidate): number =>
  compare(a.entry.recordedAt, b.entry.recordedAt) || compare(a.key.pk, b.key.pk) || bySk(a, b);
const bySk = (a: Candidate, b: Candidate): number => compare(a.key.sk, b.key.sk);
const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** A clock that ran ahead makes nobody wait. */
function mayWait({ entry }: Candidate, now: string): boolean {
  const age = Date.parse(now) - Date.parse(entry.recordedAt);
  return age >= 0 && age < HOLD_MS;
}

/** What was recorded late stands before its successors all the same: each stream keeps its places, and fills them in order. */
function inStreamOrder(sorted: readonly Candidate[]): Candidate[] {
  const waiting = new Map(
    [...Map.groupBy(sorted, ({ key }) => key.pk)].map(([stream, all]) => [stream, all.sort(bySk).values()]),
  );
  return sorted.map((one) => waiting.get(one.key.pk)?.next().value ?? one);
}
