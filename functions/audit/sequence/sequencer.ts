import type { AuditEntries } from '../../../shared/store/audit-entries.ts';
import type { LogBatches } from '../../../shared/store/log-batches.ts';
import type { Head, LogHead } from '../../../shared/store/log-head.ts';
import type { LogItems } from '../../../shared/store/log-items.ts';
import type { LogObjects } from '../../../shared/store/log-objects.ts';
import type { LogPending } from '../../../shared/store/log-pending.ts';
import type { LogStaged } from '../../../shared/store/log-staged.ts';
import type { LogStreams } from '../../../shared/store/log-streams.ts';
import type { HashReader } from '../../../shared/tlog/merkle.ts';
import type { NoteSignature } from '../../../shared/tlog/note.ts';
import type { Signer } from '../../../shared/tlog/signer.ts';
import { type Finder, recordFinding } from '../record/record-finding.ts';

/** What the sequencer works with. */
export interface Sequencer extends Finder {
  /** The name of the log and of its key: the first line of its checkpoints. */
  origin: string;
  signer: Signer;
  entries: Pick<AuditEntries, 'put' | 'bytesAt'>;
  items: LogItems;
  pending: LogPending;
  head: LogHead;
  staged: LogStaged;
  streams: Pick<LogStreams, 'ends' | 'advance'>;
  batches: LogBatches;
  objects: LogObjects;
  cosign: Cosign;
}

/** Asks the witnesses to cosign a signed checkpoint of a size. Never throws: who does not answer is left out. */
export type Cosign = (
  checkpoint: { size: number; note: string },
  read: HashReader,
) => Promise<NoteSignature[]>;

export const SEQUENCER = 'audit-sequence';

/** The log is not as it was left. Nothing is signed until somebody has looked. */
export class LogRefused extends Error {
  override name = 'LogRefused';
}

/** What the sequencer can find wrong with the log as a whole. */
export type LogFinding =
  | 'head-missing'
  | 'head-behind'
  | 'head-altered'
  | 'checkpoint-missing'
  | 'checkpoint-forked'
  | 'staged-missing'
  | 'staged-altered'
  | 'tile-missing'
  | 'tile-altered'
  | 'object-altered';

/** The stream of findings about the log itself: `integrity.log`. */
const LOG = 'log';

/** Records what is wrong and gives the error to throw. */
export async function refused(
  code: LogFinding,
  head: Head | null,
  detail: { at?: number; found?: string; expected?: string },
  deps: Finder,
): Promise<LogRefused> {
  const { at = head?.size ?? 0, ...hashes } = detail;
  const sequence = Math.max(1, head?.size ?? 0);
  await recordFinding({ code, stream: LOG, sequence, to: at, ...hashes }, deps, SEQUENCER);
  return new LogRefused(`${code}: the log stays at ${head?.size ?? 'nothing'}`);
}
