import type { EventRecord, Hashed } from '../record/event-record.ts';
import { eventId, integrityStream } from '../record/streams.ts';
import { ACT_TYPE, type ActData, REFUSAL_TYPE, type RefusalData } from '../record/trail-record.ts';
import { changesOf } from './changes.ts';
import type { AuditEntry, Finding } from './entry.ts';

/** The function that takes records into the trail. */
const RECORDER = 'audit-record';

/**
 * The entry of a record: who did what to what, and what it changed; or who was refused what, and why. Everything in it but
 * `recordedAt` follows from the record, so that it can be made again and compared.
 */
export function entryOf(record: Pick<EventRecord, 'bytes' | 'hash'>, recordedAt: string): AuditEntry {
  const hashed = JSON.parse(record.bytes) as Hashed;
  const { stream, sequence, actor, action, previousHash } = hashed;
  return {
    v: 1,
    stream,
    sequence,
    commandId: hashed.command,
    correlation: hashed.correlation,
    action,
    actor,
    observer: RECORDER,
    claimedAt: hashed.time,
    recordedAt,
    recordHash: record.hash,
    previousHash,
    ...(TOLD[hashed.type] ?? succeeded)(hashed),
  };
}

type Told = Pick<AuditEntry, 'outcome' | 'target'> & Partial<AuditEntry>;

function refused({ data }: Hashed): Told {
  const { target, code } = data as RefusalData;
  return { outcome: 'refused', target, code };
}

function acted({ data }: Hashed): Told {
  const { target, outcome = 'success', route: _, ...more } = data as ActData;
  return { target, outcome, ...more };
}

/** What the trail alone is told has no event. */
const TOLD: Record<string, (hashed: Hashed) => Told> = { [REFUSAL_TYPE]: refused, [ACT_TYPE]: acted };

function succeeded({ stream, sequence, type, data }: Hashed): Told {
  const { reasonCode, items } = data as { reasonCode?: string; items?: { sha256?: string | null }[] };
  const changes = changesOf(type, data);
  const evidence = items?.flatMap((item) => item.sha256 ?? []) ?? [];
  return {
    outcome: 'success',
    eventId: eventId(stream, sequence),
    // `followthrough.commitment.registered`: the noun is what it happened to.
    target: { type: type.split('.')[1] ?? 'system', id: stream },
    ...(reasonCode && { reasonCode }),
    ...(changes.length > 0 && { changes }),
    ...(evidence.length > 0 && { evidence }),
  };
}

/** What is wrong with a stream: a record is missing, another stands in its place, or its bytes are not those that were hashed. */
export interface Discovery<Code extends string = 'gap' | 'fork' | 'hash-mismatch'> extends Finding {
  code: Code;
  stream: string;
  sequence: number;
}

/** The entry of a finding, in a stream beside the one it is about. */
export function findingEntry(
  { code, stream, sequence, ...finding }: Discovery<string>,
  recordedAt: string,
  observer: string = RECORDER,
): AuditEntry {
  return {
    v: 1,
    stream: integrityStream(stream),
    sequence,
    action: 'integrity-finding',
    outcome: 'failed',
    code,
    actor: { id: 'system', role: 'system' },
    observer,
    target: { type: 'stream', id: stream },
    claimedAt: recordedAt,
    recordedAt,
    finding,
  };
}
