import type { Decision } from '../../shared/commitment/decision.ts';
import type { Actor } from '../../shared/commitment/event.ts';
import { type EventRecord, seal } from '../../shared/store/record.ts';

/** Where and by whom a decision is written down. */
export interface Placement {
  stream: string;
  /** The sequence and hash of the stream's last record: 0 and null in a new one. */
  version: number;
  hash: string | null;
  actor: Actor;
  time: string;
  commandId: string;
  correlation: string;
  /** Draws a salt for one text. */
  newSalt: () => string;
}

/** Seals the events of a decision into records, each linked to the one before it. */
export function sealDecision({ action, events }: Decision, placement: Placement): EventRecord[] {
  const { stream, version, actor, time, commandId, correlation, newSalt } = placement;
  let previous = placement.hash;
  return events.map((happened, index) => {
    const sequence = version + index + 1;
    const placed = { stream, sequence, time, actor, action, commandId, correlation };
    const record = seal(happened, placed, previous, newSalt);
    previous = record.hash;
    return record;
  });
}
