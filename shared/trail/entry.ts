import * as z from 'zod/mini';
import { canonical, isCanonical, sha256 } from '../record/canonical.ts';
import { isPlainEntry } from './entry-shape.ts';

/**
 * Who did, tried or saw what, when, with which outcome. It holds no personal data and no free text. Its bytes (RFC 8785) are a leaf of
 * the log.
 */
export interface AuditEntry {
  v: 1;
  stream: string;
  sequence: number;
  eventId?: string;
  commandId?: string;
  correlation?: string;
  action: string;
  outcome: Outcome;
  code?: string;
  /** A pseudonym, the role in which they acted, and the session it was in. */
  actor: { id: string; role: string; session?: string };
  onBehalfOf?: string;
  /** The function that took it into the trail. */
  observer: string;
  target: { type: string; id: string };
  /** When it happened, as the record says, and when the trail took it in. */
  claimedAt: string;
  recordedAt: string;
  reasonCode?: string;
  /** RFC 6902: what it changed in the machine-readable state. */
  changes?: Change[];
  /** SHA-256 of the changes' RFC 8785 bytes, where they are too many to stand here. */
  changesHash?: string;
  /** SHA-256 of the files that were given as evidence, where they were told. */
  evidence?: string[];
  /** Of how many of the same kind this tells; one where nothing is said. */
  count?: number;
  /** Machine-readable particulars of an act: identifiers, hashes, numbers. */
  facts?: Record<string, string | number | boolean | null>;
  /**
   * The hash of the record it was made from, and of the one before that in its stream. State is the fold of a stream's records, so
   * these two also name the state after and before.
   */
  recordHash?: string;
  previousHash?: string | null;
  finding?: Finding;
  manifest?: ManifestSummary;
}

export const OUTCOMES = ['success', 'refused', 'failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface Change {
  op: 'add' | 'replace' | 'remove' | 'test';
  path: string;
  value?: unknown;
}

/** What does not fit in a stream: records from `sequence` to `to`; the hash that was found and the one that should be there. */
export interface Finding {
  to: number;
  found?: string;
  expected?: string;
}

/** A day's manifest: the denominator of completeness. */
export interface ManifestSummary {
  day: string;
  /** How many streams it names, and how many records they hold. */
  streams: number;
  records: number;
  /** SHA-256 of the manifest file. */
  sha256: string;
  /** The log when it was made: its size, batches since the last manifest, and the longest wait of an entry in them. */
  logSize: number;
  batches: number;
  maxDelayMs: number;
}

/** An entry is at most so many bytes: 256 of them, in base64, fit in the 6 MB that a Lambda function may answer. */
export const MAX_ENTRY_BYTES = 16_000;

/** The bytes of an entry; its changes give way to their hash where there is no room for them. */
export function encodeEntry(entry: AuditEntry): string {
  const bytes = canonical(entry);
  if (Buffer.byteLength(bytes) <= MAX_ENTRY_BYTES || !entry.changes) return fitting(bytes);
  const { changes, ...rest } = entry;
  return fitting(canonical({ ...rest, changesHash: hashOf(changes) }));
}

function fitting(bytes: string): string {
  const size = Buffer.byteLength(bytes);
  if (size > MAX_ENTRY_BYTES) throw new RangeError(`an entry of ${size} bytes has no room in the log`);
  return bytes;
}

const hashOf = (changes: Change[]): string => sha256(canonical(changes));

const text = z.string().check(z.minLength(1));
const hex = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const time = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/));
const count = z.int().check(z.gte(0));

const ENTRY = z.strictObject({
  v: z.literal(1),
  stream: text,
  sequence: z.int().check(z.gte(1)),
  eventId: z.optional(text),
  commandId: z.optional(text),
  correlation: z.optional(text),
  action: text,
  outcome: z.enum(OUTCOMES),
  code: z.optional(text),
  actor: z.strictObject({ id: text, role: text, session: z.optional(text) }),
  onBehalfOf: z.optional(text),
  observer: text,
  target: z.strictObject({ type: text, id: text }),
  claimedAt: time,
  recordedAt: time,
  reasonCode: z.optional(text),
  changes: z.optional(
    z.array(
      z.strictObject({
        op: z.enum(['add', 'replace', 'remove', 'test']),
        path: z.string(),
        value: z.optional(z.unknown()),
      }),
    ),
  ),
  changesHash: z.optional(hex),
  evidence: z.optional(z.array(hex)),
  count: z.optional(count),
  facts: z.optional(z.record(z.string(), z.nullable(z.union([z.string(), z.number(), z.boolean()])))),
  recordHash: z.optional(hex),
  previousHash: z.optional(z.nullable(hex)),
  finding: z.optional(
    z.strictObject({
      to: count,
      found: z.optional(text),
      expected: z.optional(text),
    }),
  ),
  manifest: z.optional(
    z.strictObject({
      day: text,
      streams: count,
      records: count,
      sha256: hex,
      logSize: count,
      batches: count,
      maxDelayMs: count,
    }),
  ),
});

/**
 * Reads the bytes of an entry, and takes nothing but what `encodeEntry` can have written: no duplicate or unknown key, no lone
 * surrogate, no byte before or after, nothing written in another way.
 */
export function decodeEntry(bytes: string): { entry: AuditEntry } | { reason: string } {
  return isPlainEntry(bytes) ? { entry: JSON.parse(bytes) as AuditEntry } : decodeAnyEntry(bytes);
}

/** The same, by the schema alone. */
export function decodeAnyEntry(bytes: string): { entry: AuditEntry } | { reason: string } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes);
  } catch {
    return { reason: 'it is not JSON' };
  }
  if (!isCanonical(parsed, bytes)) return { reason: 'its bytes are not the RFC 8785 form of what they say' };
  const read = ENTRY.safeParse(parsed);
  if (!read.success) {
    const [issue] = read.error.issues;
    return {
      reason: `${issue?.path.join('.') || 'the entry'}: ${issue?.message ?? 'is not as it should be'}`,
    };
  }
  return { entry: parsed as AuditEntry };
}
