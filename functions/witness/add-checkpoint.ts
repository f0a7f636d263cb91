import type { Clock } from '../../shared/runtime/clock.ts';
import type { Log } from '../../shared/runtime/log.ts';
import type { Witnessed, WitnessStore } from '../../shared/store/witness.ts';
import { parseAddCheckpoint } from '../../shared/tlog/add-checkpoint.ts';
import { type Checkpoint, openCheckpoint, parseCheckpoint } from '../../shared/tlog/checkpoint.ts';
import { cosign } from '../../shared/tlog/cosignature.ts';
import { emptyRoot, sameBytes, verifyConsistency } from '../../shared/tlog/merkle.ts';
import { formatSignatureLine, parseNote } from '../../shared/tlog/note.ts';
import { ED25519 } from '../../shared/tlog/signed-message.ts';
import type { Signer } from '../../shared/tlog/signer.ts';
import { parseVerifierKey, type VerifierKey } from '../../shared/tlog/verifier-key.ts';
import { type Answer, conflict, refusal, text } from './answer.ts';

export interface Witness {
  store: WitnessStore;
  signer: Signer;
  /** The witness's key name. */
  name: string;
  /** The log that it witnesses. */
  origin: string;
  /** The log's vkey. Without it, the first key under which the log comes is its key for ever. */
  logKey: string | undefined;
  clock: Clock;
  log: Log;
}

/** KMS signs raw messages of at most 4,096 bytes, and a cosignature puts a line of at most 40 and one of 15 in front. */
const MAX_TEXT_BYTES = 4000;

/** A log has signed what does not follow from what was cosigned: with the checkpoint beside it, this line is the proof. */
export const INCONSISTENT = 'inconsistent checkpoint';

const reasons = {
  form: 'The body is no request to add a checkpoint.',
  checkpoint: 'What follows the empty line is no signed checkpoint.',
  origin: 'This witness does not know the log.',
  signature: 'The log whose key is known here has not signed this.',
  long: 'The checkpoint is too long to be signed.',
  old: 'The old size is larger than that of the checkpoint.',
  proof: 'The consistency proof does not hold.',
} as const;

/**
 * Cosigns a checkpoint that follows from the one before (C2SP tlog-witness, `add-checkpoint`). What is cosigned is remembered first, on
 * the condition that nothing else was meanwhile: of two histories one at most is ever signed, whoever races and whatever dies.
 * `offeredKey` is a vkey, which counts while no key of the log is known.
 */
export async function addCheckpoint(
  witness: Witness,
  body: string,
  offeredKey: string | undefined,
): Promise<Answer> {
  const parsed = parseAddCheckpoint(body);
  if (!parsed.ok) return refusal(400, reasons.form);
  const { old, proof, checkpoint: note } = parsed.request;
  const shown = readCheckpoint(note);
  if (shown === null) return refusal(400, reasons.checkpoint);
  if (shown.origin !== witness.origin) return refusal(404, reasons.origin);

  const before = await witness.store.read(witness.origin);
  const logKey = witness.logKey ?? before?.logKey ?? offeredKey;
  const key = keyOfLog(logKey, witness.origin);
  const opened = key && openCheckpoint(note, key);
  if (!logKey || !opened?.ok) return refusal(403, reasons.signature);

  const { checkpoint } = opened;
  if (Buffer.byteLength(opened.text) > MAX_TEXT_BYTES) return refusal(400, reasons.long);
  if (old > checkpoint.size) return refusal(400, reasons.old);
  const known = before ?? { size: 0, root: emptyRoot(), time: 0, logKey };
  if (old !== known.size) return conflict(known.size);
  if (!follows(known, checkpoint, proof)) {
    witness.log.error(INCONSISTENT, { size: known.size, checkpoint: note });
    return old === checkpoint.size ? conflict(known.size) : refusal(422, reasons.proof);
  }

  const now = Math.floor(Date.parse(witness.clock()) / 1000);
  const time = Math.max(now, known.time);
  const next = { size: checkpoint.size, root: checkpoint.root, time, logKey: known.logKey };
  if (!(await witness.store.advance(witness.origin, before, next)))
    return conflict((await witness.store.read(witness.origin))?.size ?? 0);
  return text(formatSignatureLine(await cosign(opened.text, witness.name, time, witness.signer)));
}

function readCheckpoint(note: string): Checkpoint | null {
  const read = parseNote(note);
  if (!read.ok) return null;
  const parsed = parseCheckpoint(read.note.text);
  return parsed.ok ? parsed.checkpoint : null;
}

function keyOfLog(vkey: string | undefined, origin: string): VerifierKey | null {
  const parsed = vkey === undefined ? undefined : parseVerifierKey(vkey);
  if (!parsed?.ok) return null;
  return parsed.key.algorithm === ED25519 && parsed.key.name === origin ? parsed.key : null;
}

function follows(known: Witnessed, { size, root }: Checkpoint, proof: readonly Uint8Array[]): boolean {
  if (size === known.size) return proof.length === 0 && sameBytes(root, known.root);
  // Everything follows from nothing.
  if (known.size === 0) return proof.length === 0;
  return verifyConsistency({ size1: known.size, size2: size, root1: known.root, root2: root, proof });
}
