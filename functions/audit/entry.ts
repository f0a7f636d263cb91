import { ACT_TYPE, type Act } from '../../shared/store/acts.ts';
import type { AuditEntry, Finding } from '../../shared/store/audit-entries.ts';
import { eventId } from '../../shared/store/cloud-event.ts';
import { integrityStream } from '../../shared/store/keys.ts';
import type { EventRecord, Hashed } from '../../shared/store/record.ts';
import { REFUSAL_TYPE, type Refusal } from '../../shared/store/refusals.ts';
import { changesOf } from './changes.ts';

/** The entry of a record: who did what to what, and what it changed; or who was refused what, and why. */
export function entryOf(record: EventRecord, recordedAt: string): AuditEntry {
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
    claimedAt: hashed.time,
    recordedAt,
    recordHash: record.hash,
    previousHash,
    ...(TOLD[hashed.type] ?? succeeded)(hashed),
  };
}

type Told = Pick<AuditEntry, 'outcome' | 'target' | 'code' | 'eventId' | 'reasonCode' | 'changes'>;

function refused({ data }: Hashed): Told {
  const { target, code } = data as Pick<Refusal, 'target' | 'code'>;
  return { outcome: 'refused', target, code };
}

const acted = ({ data }: Hashed): Told => ({ outcome: 'success', target: (data as Act).target });

/** What the trail alone is told has no event. */
const TOLD: Record<string, (hashed: Hashed) => Told> = { [REFUSAL_TYPE]: refused, [ACT_TYPE]: acted };

function succeeded({ stream, sequence, type, data }: Hashed): Told {
  const { reasonCode } = data as { reasonCode?: string };
  const changes = changesOf(type, data);
  return {
    outcome: 'success',
    eventId: eventId(stream, sequence),
    // `followthrough.commitment.registered`: the noun is what it happened to.
    target: { type: type.split('.')[1] ?? 'system', id: stream },
    ...(reasonCode && { reasonCode }),
    ...(changes.length > 0 && { changes }),
  };
}

/** What is wrong with a stream: a record is missing, another stands in its place, or its bytes are not those that were hashed. */
export interface Discovery extends Finding {
  code: 'gap' | 'fork' | 'hash-mismatch';
  stream: string;
  sequence: number;
}

/** The entry of a finding, in a stream beside the one it is about. */
export function findingEntry(
  { code, stream, sequence, ...finding }: Discovery,
  recordedAt: string,
): AuditEntry {
  return {
    v: 1,
    stream: integrityStream(stream),
    sequence,
    action: 'integrity-finding',
    outcome: 'failed',
    code,
    actor: { id: 'system', role: 'system' },
    target: { type: 'stream', id: stream },
    claimedAt: recordedAt,
    recordedAt,
    finding,
  };
}
