import { sha256 } from '../../shared/record/canonical.ts';
import type { EventRecord, Hashed } from '../../shared/record/event-record.ts';
import { ACT_TYPE, REFUSAL_TYPE } from '../../shared/record/trail-record.ts';
import { cloudEvent } from '../../shared/store/cloud-event.ts';
import { EVENT_SOURCE, REFUSAL_SOURCE } from '../wiring.ts';

/** One entry of PutEvents: `detail` is the JSON text of a CloudEvent; source and type are repeated beside it for the rules. */
export interface BusEntry {
  source: string;
  detailType: string;
  detail: string;
  /** RFC 3339. */
  time: string;
}

/** Types that are nobody's business but the trail's. */
const TRAIL_ONLY = new Set([REFUSAL_TYPE, ACT_TYPE]);

/** Says why a record may never go out. */
export interface Unfit {
  unfit: string;
}

/**
 * PutEvents takes 10 entries and 1 MB a call and an event of 1 MiB (256 KB before January 2026); the queues behind the rules take
 * 1 MiB with the envelope that EventBridge adds. What is left between the two is the room for that envelope.
 */
const MAX_ENTRIES = 10;
export const MAX_BYTES = 1_000_000;

/**
 * The entry of a record. Bytes that are not those that were hashed, or that name another place, are nothing to tell the world:
 * such a record is unfit, and so is one too large for a call.
 */
export function busEntry(record: EventRecord | null): BusEntry | Unfit {
  if (!record) return { unfit: 'unreadable' };
  if (sha256(record.bytes) !== record.hash) return { unfit: 'hash-mismatch' };
  const hashed = parse(record.bytes);
  if (!hashed) return { unfit: 'unreadable' };
  const { stream, sequence, type, time } = hashed;
  if (stream !== record.stream || sequence !== record.sequence) return { unfit: 'misplaced' };
  const source = TRAIL_ONLY.has(type) ? REFUSAL_SOURCE : EVENT_SOURCE;
  const detail = JSON.stringify({ ...cloudEvent(record), source });
  const entry = { source, detailType: type, detail, time };
  return size(entry) > MAX_BYTES ? { unfit: 'too-large' } : entry;
}

function parse(bytes: string): Hashed | null {
  try {
    return JSON.parse(bytes) as Hashed | null;
  } catch {
    return null;
  }
}

/** Bytes of an entry as EventBridge counts them ("Calculating PutEvents event entry size"): 14 for the time, UTF-8 for the rest. */
export const size = ({ source, detailType, detail }: BusEntry): number =>
  14 + Buffer.byteLength(source) + Buffer.byteLength(detailType) + Buffer.byteLength(detail);

/** Cuts entries into calls, in order. */
export function calls<T extends { entry: BusEntry }>(entries: readonly T[]): T[][] {
  const cut: T[][] = [];
  let bytes = 0;
  for (const item of entries) {
    const call = cut.at(-1);
    const more = size(item.entry);
    if (call && call.length < MAX_ENTRIES && bytes + more <= MAX_BYTES) {
      call.push(item);
      bytes += more;
    } else {
      cut.push([item]);
      bytes = more;
    }
  }
  return cut;
}
