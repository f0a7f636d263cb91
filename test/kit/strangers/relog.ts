import { formatCheckpoint } from '../../../shared/tlog/checkpoint.ts';
import { cosign } from '../../../shared/tlog/cosignature.ts';
import { formatSignatureLine, signNote } from '../../../shared/tlog/note.ts';
import { parsePolicy } from '../../../shared/tlog/policy.ts';
import type { Report } from '../../../verify/report.ts';
import type { Options } from '../../../verify/verify.ts';
import { treeFiles } from '../log-maker.ts';
import { publishedLog } from './forger.ts';
import type { Scene } from './scene.ts';
import { stolenKey } from './thief.ts';

/**
 * A log with other leaves, signed by the log and its witness with their stolen keys, as a folder of its own: nothing but what the leaves
 * themselves say can tell that it is wrong.
 */
export async function relogged(
  { stranger, auditor, world }: Scene,
  change: (leaves: Buffer[]) => Uint8Array[],
  own: Options = {},
): Promise<Report> {
  const log = await publishedLog(stranger);
  const { files, root } = treeFiles(change(log.leaves));
  const size = change(log.leaves).length;
  const text = formatCheckpoint({ origin: log.origin, size, root });
  const note = await signNote(text, log.origin, stolenKey(world.dataDir, 'log'));
  const policy = await auditor.text('/v1/audit/policy');
  const read = parsePolicy(policy);
  const name = (read.ok && read.policy.witnesses[0]?.key.name) || '';
  const seconds = Math.floor(Date.now() / 1000);
  const line = formatSignatureLine(await cosign(text, name, seconds, stolenKey(world.dataDir, 'witness')));
  files.set('checkpoint', Buffer.from(`${note}${line}`));
  files.set('policy', Buffer.from(policy));
  files.set('key', Buffer.from(await auditor.text('/v1/audit/key')));
  return auditor.verify(files, own);
}
