import { fromBase64, toBase64 } from './base64.ts';
import { type Checkpoint, type CheckpointFault, openCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { fromDecimal } from './decimal.ts';
import { fromHashLines } from './hash-lines.ts';
import { verifyInclusion } from './merkle.ts';
import { type NoteFault, parseNote, type VerifiedSignature } from './note.ts';
import { type Policy, type Quorum, quorumOf } from './policy.ts';

const HEADER = 'c2sp.org/tlog-proof@v1';

/** A proof that stands on its own (C2SP tlog-proof): place, way to the root, signed root. */
export type LogProof = {
  index: number;
  hashes: readonly Uint8Array[];
  /** The signed checkpoint, a note as text. */
  checkpoint: string;
  /** Whatever goes with it; nothing vouches for it. */
  extra?: Uint8Array;
};

/** The proof as text. Throws a RangeError where it could not be read back. */
export function formatProof({ index, hashes, checkpoint, extra }: LogProof): string {
  const aside = extra === undefined ? [] : [`extra ${toBase64(extra)}`];
  const text = [HEADER, ...aside, `index ${index}`, ...hashes.map(toBase64), '', checkpoint].join('\n');
  const read = parseProof(text);
  if (!read.ok) throw new RangeError(`this is no proof: ${read.reason}`);
  return text;
}

export type ProofFault = 'form' | 'header' | 'extra' | 'index' | 'hashes';

/** Reads a proof strictly; what follows the first empty line is the checkpoint as it is. */
export function parseProof(text: string): { ok: true; proof: LogProof } | { ok: false; reason: ProofFault } {
  const blank = text.indexOf('\n\n');
  if (blank < 0 || blank + 2 === text.length) return { ok: false, reason: 'form' };
  const [header, ...lines] = text.slice(0, blank).split('\n');
  if (header !== HEADER) return { ok: false, reason: 'header' };
  const aside = lines[0]?.startsWith('extra ') ? lines.shift() : undefined;
  const extra = aside === undefined ? undefined : fromBase64(aside.slice('extra '.length));
  if (extra === null || extra?.length === 0) return { ok: false, reason: 'extra' };
  const place = lines.shift() ?? '';
  const index = place.startsWith('index ') ? fromDecimal(place.slice('index '.length)) : null;
  if (index === null) return { ok: false, reason: 'index' };
  const hashes = fromHashLines(lines);
  if (hashes === null) return { ok: false, reason: 'hashes' };
  const checkpoint = text.slice(blank + 2);
  return { ok: true, proof: { index, hashes, checkpoint, ...(extra === undefined ? {} : { extra }) } };
}

export type VerifiedProof =
  | { ok: true; index: number; checkpoint: Checkpoint; cosignatures: VerifiedSignature[]; quorum: Quorum }
  | { ok: false; reason: ProofFault | CheckpointProblem | 'inclusion' };

/** Whether the leaf with this hash is in a log of the policy, under a checkpoint that the quorum cosigned. */
export function verifyProof(text: string, leaf: Uint8Array, policy: Policy): VerifiedProof {
  const read = parseProof(text);
  if (!read.ok) return read;
  const { index, hashes, checkpoint } = read.proof;
  const opened = verifyCheckpoint(checkpoint, policy);
  if (!opened.ok) return opened;
  const { size, root } = opened.checkpoint;
  if (!verifyInclusion({ index, size, leaf, proof: hashes, root })) return { ok: false, reason: 'inclusion' };
  return { ...opened, index };
}

/** `log`: no log of the policy has the checkpoint's origin. */
export type CheckpointProblem = NoteFault | CheckpointFault | 'log' | 'quorum';

export type VerifiedCheckpoint =
  | { ok: true; checkpoint: Checkpoint; text: string; cosignatures: VerifiedSignature[]; quorum: Quorum }
  | { ok: false; reason: CheckpointProblem };

/** Opens a checkpoint as the policy asks: a log of its own signed it, and the quorum cosigned. */
export function verifyCheckpoint(note: string, policy: Policy): VerifiedCheckpoint {
  const parsed = parseNote(note);
  if (!parsed.ok) return { ok: false, reason: parsed.reason };
  const claimed = parseCheckpoint(parsed.note.text);
  if (!claimed.ok) return claimed;
  const logs = policy.logs.filter(({ key }) => key.name === claimed.checkpoint.origin);
  const witnesses = policy.witnesses.map(({ key }) => key);
  let reason: CheckpointProblem = 'log';
  for (const { key } of logs) {
    const opened = openCheckpoint(note, key, witnesses);
    if (!opened.ok && opened.reason !== 'unsigned') return opened;
    if (!opened.ok) {
      // A log may have had another key before: that one's signature counts as well.
      reason = 'unsigned';
      continue;
    }
    const { checkpoint, text, cosignatures } = opened;
    const quorum = quorumOf(
      policy,
      cosignatures.map((cosignature) => cosignature.key),
    );
    return quorum.met
      ? { ok: true, checkpoint, text, cosignatures, quorum }
      : { ok: false, reason: 'quorum' };
  }
  return { ok: false, reason };
}
