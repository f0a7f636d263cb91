import { fromBase64, toBase64 } from './base64.ts';
import { fromDecimal } from './decimal.ts';
import { HASH_BYTES } from './hash.ts';
import { type NoteFault, type NoteSignature, type VerifiedSignature, verifyNote } from './note.ts';
import type { VerifierKey } from './verifier-key.ts';

/** What a log signs (C2SP tlog-checkpoint): who it is, how many leaves it has and their root. */
export type Checkpoint = {
  origin: string;
  size: number;
  root: Uint8Array;
  /** Further lines, none of them empty; a log should have none. */
  extensions: readonly string[];
};

export type CheckpointFault = 'form' | 'origin' | 'size' | 'root' | 'extension';

const LINE_BREAK_OR_CONTROL = /[^\P{Cc}\u007f-\u009f]/u;

/** The text of the note that a log signs. Throws a RangeError where it could not be read back. */
export function formatCheckpoint(
  checkpoint: Omit<Checkpoint, 'extensions'> & { extensions?: readonly string[] },
): string {
  const { origin, size, root, extensions = [] } = checkpoint;
  if ([origin, ...extensions].some((line) => LINE_BREAK_OR_CONTROL.test(line))) {
    throw new RangeError('no checkpoint has control characters');
  }
  const text = [origin, `${size}`, toBase64(root), ...extensions].map((line) => `${line}\n`).join('');
  const read = parseCheckpoint(text);
  if (!read.ok) throw new RangeError(`this is no checkpoint: ${read.reason}`);
  return text;
}

export type ParsedCheckpoint = { ok: true; checkpoint: Checkpoint } | { ok: false; reason: CheckpointFault };

/** Reads the text of a checkpoint, without its signatures. Its root is 32 bytes, its size under 2^53. */
export function parseCheckpoint(text: string): ParsedCheckpoint {
  if (!text.endsWith('\n')) return { ok: false, reason: 'form' };
  const [origin = '', decimal = '', encoded = '', ...extensions] = text.slice(0, -1).split('\n');
  if (origin === '') return { ok: false, reason: 'origin' };
  const size = fromDecimal(decimal);
  if (size === null) return { ok: false, reason: 'size' };
  const root = fromBase64(encoded);
  if (root?.length !== HASH_BYTES) return { ok: false, reason: 'root' };
  if (extensions.includes('')) return { ok: false, reason: 'extension' };
  return { ok: true, checkpoint: { origin, size, root, extensions } };
}

export type OpenedCheckpoint =
  | {
      ok: true;
      checkpoint: Checkpoint;
      /** The note's text: what the log and its witnesses signed. */
      text: string;
      cosignatures: VerifiedSignature[];
      unverified: NoteSignature[];
    }
  | { ok: false; reason: NoteFault | CheckpointFault };

/**
 * Opens a signed checkpoint of a log whose key is known. The log itself must have signed it (else `unsigned`)
 * and its origin must be the key's name (else `origin`). The witnesses' signatures come out as cosignatures.
 */
export function openCheckpoint(
  note: string | Uint8Array,
  log: VerifierKey,
  witnesses: readonly VerifierKey[] = [],
): OpenedCheckpoint {
  const opened = verifyNote(note, [log, ...witnesses]);
  if (!opened.ok) return { ok: false, reason: opened.reason };
  const { text, verified, unverified } = opened;
  if (!verified.some(({ key }) => key === log)) return { ok: false, reason: 'unsigned' };
  const read = parseCheckpoint(text);
  if (!read.ok) return read;
  if (read.checkpoint.origin !== log.name) return { ok: false, reason: 'origin' };
  const cosignatures = verified.filter(({ key }) => key !== log);
  return { ok: true, checkpoint: read.checkpoint, text, cosignatures, unverified };
}
