import { toBase64 } from './base64.ts';
import { fromDecimal } from './decimal.ts';
import { fromHashLines } from './hash-lines.ts';

/** What a log asks a witness (C2SP tlog-witness, `add-checkpoint`): to cosign the checkpoint after size `old`. */
export type AddCheckpoint = {
  old: number;
  /** The consistency proof from `old` to the checkpoint's size; empty from 0. */
  proof: readonly Uint8Array[];
  /** The signed checkpoint, a note as text; not looked into here. */
  checkpoint: string;
};

/**
 * The header in which a log says its own key, a vkey. Beyond the specification: a witness that was told no key of the log pins the first
 * one that comes with a checkpoint it signed; every other one passes over the header.
 */
export const LOG_KEY_HEADER = 'log-key';

/** The body of the request. Throws a RangeError where it could not be read back. */
export function formatAddCheckpoint({ old, proof, checkpoint }: AddCheckpoint): string {
  const body = [`old ${old}`, ...proof.map(toBase64), '', checkpoint].join('\n');
  const read = parseAddCheckpoint(body);
  if (!read.ok) throw new RangeError(`this is no request of a witness: ${read.reason}`);
  return body;
}

export type AddCheckpointFault = 'form' | 'old' | 'proof';

/** Reads the body of the request: what follows the first empty line is the checkpoint as it is. */
export function parseAddCheckpoint(
  body: string,
): { ok: true; request: AddCheckpoint } | { ok: false; reason: AddCheckpointFault } {
  const blank = body.indexOf('\n\n');
  if (blank < 0 || blank + 2 === body.length) return { ok: false, reason: 'form' };
  const [first = '', ...lines] = body.slice(0, blank).split('\n');
  const old = first.startsWith('old ') ? fromDecimal(first.slice('old '.length)) : null;
  if (old === null) return { ok: false, reason: 'old' };
  const proof = fromHashLines(lines);
  if (proof === null || (old === 0 && proof.length > 0)) return { ok: false, reason: 'proof' };
  return { ok: true, request: { old, proof, checkpoint: body.slice(blank + 2) } };
}
