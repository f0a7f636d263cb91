import { createHash } from 'node:crypto';
import { type AuditEntry, encodeEntry } from '../../shared/trail/entry.ts';

/**
 * A trail that was made up, of any length, each entry out of its index alone: the log can be written in any number of processes, and
 * asked of again. A thousand entries at a time are about four commitments; of each ten, one was refused.
 */
const WINDOW = 1000;
const COMMITMENTS = 4;
/** Of so many entries of a commitment, the last was refused. */
const REFUSED_OF = 10;
const BEGAN = Date.UTC(2026, 0, 1);
/** Milliseconds between two entries. */
export const PACE_MS = 10;

export const ACTIONS = ['report-progress', 'verify', 'request-extension'] as const;
const ACTORS = 4;

export const recordedAt = (index: number): string => new Date(BEGAN + index * PACE_MS).toISOString();

const id = (kind: string, n: number): string => `${kind}_01kd${String(n).padStart(22, '0')}`;
export const commitmentOf = (index: number): string =>
  id('cmt', Math.floor(index / WINDOW) * COMMITMENTS + (index % COMMITMENTS));
export const actorOf = (index: number): string => id('per', mixed(index) % ACTORS);
export const actionOf = (index: number): string =>
  ACTIONS[Math.floor(mixed(index) / ACTORS) % ACTIONS.length] ?? ACTIONS[0];

/** Numbers that look like lots. */
const mixed = (n: number): number => (Math.imul(n ^ (n >>> 15), 0x9e3779b1) >>> 8) & 0xffff;

/** Stands in the place of the hash of the record that an entry would be of. */
const recordHash = (stream: string, sequence: number): string | null =>
  sequence === 0 ? null : createHash('sha256').update(`${stream}/${sequence}`).digest('hex');

export function entryAt(index: number): AuditEntry {
  const commitment = commitmentOf(index);
  const nth = Math.floor((index % WINDOW) / COMMITMENTS);
  const refusals = Math.floor(nth / REFUSED_OF);
  const refused = nth % REFUSED_OF === REFUSED_OF - 1;
  const stream = refused ? `refusals.${commitment}` : commitment;
  const sequence = refused ? refusals + 1 : nth - refusals + 1;
  const at = recordedAt(index);
  return {
    v: 1,
    stream,
    sequence,
    commandId: id('cmd', index),
    action: actionOf(index),
    actor: { id: actorOf(index), role: 'focal-point' },
    observer: 'audit-record',
    claimedAt: new Date(Date.parse(at) - 400).toISOString(),
    recordedAt: at,
    recordHash: recordHash(stream, sequence) ?? '',
    previousHash: recordHash(stream, sequence - 1),
    target: { type: 'commitment', id: commitment },
    ...(refused
      ? { outcome: 'refused', code: 'transition-not-allowed' }
      : {
          outcome: 'success',
          eventId: `${stream}/${sequence}`,
          changes: [{ op: 'replace', path: '/progress', value: index % 101 }],
        }),
  };
}

export const bytesAt = (index: number): string => encodeEntry(entryAt(index));
