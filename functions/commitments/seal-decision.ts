import type { Decision } from '../../shared/commitment/decision.ts';
import type { Actor, Event } from '../../shared/commitment/event.ts';
import { type EventRecord, seal } from '../../shared/record/event-record.ts';

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

/** The events of a decision in their places. */
export function place({ action, events }: Decision, placement: Placement): Event[] {
  const { stream, version, actor, time, commandId, correlation } = placement;
  return events.map((happened, index) => ({
    ...happened,
    ...{ stream, sequence: version + index + 1, time, actor, action, commandId, correlation },
  }));
}

/** The same, sealed into records, each linked to the one before it. */
export function sealDecision(decision: Decision, placement: Placement): EventRecord[] {
  let previous = placement.hash;
  return place(decision, placement).map((event) => {
    const record = seal(event, event, previous, placement.newSalt);
    previous = record.hash;
    return record;
  });
}
