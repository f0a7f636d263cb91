import { type Checkpoint, type OpenedCheckpoint, openCheckpoint } from '../../shared/tlog/checkpoint.ts';
import { MAX_NOTE_CHARACTERS } from '../../shared/tlog/note.ts';
import type { About } from '../about.ts';
import type { CheckName } from '../checks.ts';
import type { Folder } from '../folder/folder.ts';
import type { Ledger } from '../ledger.ts';
import type { Trust } from './key.ts';

export const about = {
  name: 'checkpoint-signature',
  proves: 'The holder of the log key signed this size and this root under this name.',
  cannot:
    'That it is the newest checkpoint, or the only one: whoever holds the key can sign a second history. Witnesses and a checkpoint that you kept tell them apart.',
  means: 'The checkpoint was changed, was signed by somebody else, or is not one.',
  todo: 'Fetch it again. If it stays so, keep both files: the log or what lies between you and it is not to be trusted.',
} as const satisfies About;

/** A checkpoint whose signature holds. */
export interface Signed {
  checkpoint: Checkpoint;
  /** Names of those who cosigned it, of the policy's. */
  cosigned: { key: import('../../shared/tlog/verifier-key.ts').VerifierKey; time: number }[];
  /** Milliseconds since 1970: the latest that a witness says it saw it; null where none did. */
  witnessedAt: number | null;
}

/** The newest checkpoint stands in the archive and beside an export too: its signatures are checked once. */
const newest = new WeakMap<Trust, { note: Buffer; opened: OpenedCheckpoint }>();

function open(given: string | Uint8Array, trust: Trust): OpenedCheckpoint {
  const note = typeof given === 'string' ? Buffer.from(given) : Buffer.from(given);
  const known = newest.get(trust);
  if (known?.note.equals(note)) return known.opened;
  const witnesses = trust.policy?.witnesses.map(({ key }) => key) ?? [];
  const opened = openCheckpoint(given, trust.log, witnesses);
  if (!known) newest.set(trust, { note, opened });
  return opened;
}

const REASONS: Record<string, string> = {
  unsigned: 'the key of this log did not sign it',
  invalid: 'a signature in it is wrong',
  origin: 'it is of another log',
};

/** Opens the text of a signed checkpoint; what is wrong with it is a finding of `check`. */
export function openSigned(
  note: string | Uint8Array,
  trust: Trust,
  where: string,
  ledger: Ledger,
  check: CheckName = 'checkpoint-signature',
): Signed | null {
  const opened = open(note, trust);
  if (!opened.ok) {
    ledger.find(
      check,
      where,
      REASONS[opened.reason] ?? `it can not be read as a signed checkpoint: ${opened.reason}`,
    );
    return null;
  }
  if (trust.policy && opened.unverified.length > 0)
    ledger.find(
      check,
      where,
      `it bears a signature of ${JSON.stringify(opened.unverified[0]?.name)}, whom the policy does not know`,
    );
  const cosigned = opened.cosignatures.map(({ key, time = 0 }) => ({ key, time }));
  const witnessedAt = cosigned.length > 0 ? Math.max(...cosigned.map(({ time }) => time)) * 1000 : null;
  return { checkpoint: opened.checkpoint, cosigned, witnessedAt };
}

/** The checkpoint that says how large the log is. */
export function readCheckpoint(folder: Folder, trust: Trust, ledger: Ledger): Signed | null {
  const bytes = folder.read('checkpoint', 4 * MAX_NOTE_CHARACTERS);
  if (bytes === null) {
    ledger.cannot('checkpoint-signature', 'there is no checkpoint in the folder');
    return null;
  }
  const signed = openSigned(bytes, trust, 'checkpoint', ledger);
  if (signed) {
    const { origin, size, root } = signed.checkpoint;
    ledger.done('checkpoint-signature', { origin, size, root: Buffer.from(root).toString('hex') });
  }
  return signed;
}
