import type { Decision } from './decision.ts';
import { EVENT_TYPES, type Happened } from './event.ts';
import { type Rejection, reject } from './rejection.ts';
import type { Commitment } from './state.ts';

/** A commitment is read and shown whole, in answers of 6 MB: so much of its evidence, extensions and occurrences is kept, as JSON. */
const MAX_PARTS_BYTES = 1_500_000;
/** Their numbers have four digits in the keys of the store. */
export const MAX_PARTS = 9999;
/** Bytes that the longest extension with its decision takes: below so many parts nothing is measured. */
const LONGEST_PART = 25_000;

/** What was decided, or why there is no room for it: only what adds parts is ever refused. */
export function withinRoom(decided: Decision | Rejection, state: Commitment): Decision | Rejection {
  if ('rejected' in decided || !decided.events.some(adds)) return decided;
  const { evidence, extensions, occurrences } = state;
  const counts = [evidence.length, extensions.length, occurrences.length];
  const added = decided.events.reduce((sum, event) => sum + addedBy(event), 0);
  const fits =
    Math.max(...counts) + added <= MAX_PARTS &&
    (counts.reduce((sum, count) => sum + count, added) * LONGEST_PART < MAX_PARTS_BYTES ||
      sizeOf([evidence, extensions, occurrences, decided.events.filter(adds)]) <= MAX_PARTS_BYTES);
  return fits ? decided : reject('limit-reached', FULL);
}

const FULL =
  'This commitment has no room for more evidence, extensions or occurrences. Updates without them are still taken.';

const adds = (event: Happened): boolean => addedBy(event) > 0;

function addedBy(event: Happened): number {
  switch (event.type) {
    case EVENT_TYPES.evidenceAdded:
      return event.data.items.length;
    case EVENT_TYPES.extensionRequested:
      return 1;
    case EVENT_TYPES.progressReported:
      return event.data.occurrence ? 1 : 0;
    default:
      return 0;
  }
}

const sizeOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length;
