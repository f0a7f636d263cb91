import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompactRange } from '../../shared/tlog/merkle.ts';
import { checkpointOf, newKeys, policyOf, writeLog } from '../../test/kit/log-maker.ts';
import { bytesAt, recordedAt } from './made-trail.ts';

/** A folder that the verifier takes: a log with its policy and its archive of checkpoints, all cosigned by a witness. */
export interface MadeLog {
  folder: string;
  /** The newest checkpoint, a signed note. */
  checkpoint: string;
  policy: string;
  remove(): void;
}

/** Entries that came into the log together, as the sequencer takes them at most. */
export const BATCH = 1000;
/** Milliseconds from the newest entry of a batch to its checkpoint. */
const SIGNED_AFTER_MS = 1500;

/** Writes the made-up trail as a log of so many entries, with the product's own encoders. */
export async function makeLog(size: number): Promise<MadeLog> {
  const folder = mkdtempSync(join(tmpdir(), 'followthrough-bench-log-'));
  const keys = newKeys();
  const range = new CompactRange();
  const archived: { size: number; root: Uint8Array }[] = [];
  const seconds = (index: number) => Math.ceil((Date.parse(recordedAt(index)) + SIGNED_AFTER_MS) / 1000);
  await writeLog(
    folder,
    size,
    (index) => {
      const bytes = Buffer.from(bytesAt(index));
      range.appendBytes(bytes);
      if (range.size % BATCH === 0 || range.size === size)
        archived.push({ size: range.size, root: range.root() });
      return bytes;
    },
    keys,
    seconds(size - 1),
  );
  const lines: string[] = [];
  let checkpoint = '';
  for (const { size: covered, root } of archived) {
    checkpoint = await checkpointOf(covered, root, keys, seconds(covered - 1));
    const time = new Date(seconds(covered - 1) * 1000).toISOString();
    lines.push(`${JSON.stringify({ size: covered, time, note: checkpoint })}\n`);
  }
  const policy = await policyOf(keys);
  writeFileSync(join(folder, 'policy'), policy);
  writeFileSync(join(folder, 'checkpoints.jsonl'), lines.join(''));
  return { folder, checkpoint, policy, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
