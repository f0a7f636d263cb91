import { describe, expect, it } from 'vitest';
import { canonical } from '../../../shared/record/canonical.ts';
import { formatAddCheckpoint } from '../../../shared/tlog/add-checkpoint.ts';
import { consistencyProof, leafHash, rootOf } from '../../../shared/tlog/merkle.ts';
import { signNote } from '../../../shared/tlog/note.ts';
import { parsePolicy } from '../../../shared/tlog/policy.ts';
import type { AuditEntry } from '../../../shared/trail/entry.ts';
import type { Options } from '../../../verify/verify.ts';
import { keySigner } from '../../kit/log-maker.ts';
import { verdictOn } from '../../kit/strangers/attack.ts';
import { caughtBy, findingsIn } from '../../kit/strangers/auditor.ts';
import { type PublishedLog, publishedLog, rewriteLog, rewriteTable } from '../../kit/strangers/forger.ts';
import { relogged } from '../../kit/strangers/relog.ts';
import type { Scene } from '../../kit/strangers/scene.ts';
import { stolenKey } from '../../kit/strangers/thief.ts';
import { placeOf } from '../../kit/strangers/trail-rows.ts';

/** Whoever has the key of the log, its bucket and its tables, and writes another history into all of them. */
export const attacksOnHistory = (here: () => Scene) =>
  describe('a second history', () => {
    /** What an auditor has from an earlier visit. */
    const kept = async (): Promise<Required<Pick<Options, 'key' | 'policy' | 'since'>>> => {
      const { auditor, stranger } = here();
      const older = (await stranger.paths('checkpoints/')).sort().at(-2) ?? '';
      return {
        key: (await auditor.text('/v1/audit/key')).trim(),
        policy: await auditor.text('/v1/audit/policy'),
        since: (await stranger.object(older))?.toString() ?? '',
      };
    };

    it('with one entry edited: the witness did not sign it, and a kept checkpoint denies it', async () => {
      const own = await kept();
      const report = await verdictOn(here(), (scene) => writeHistory(scene, edited), own);
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toEqual(expect.arrayContaining(['witness-quorum', 'consistency', 'records']));
      expect(findingsIn(report)).toContain('consistency: the checkpoint given as --since: had the root');
      const alone = await verdictOn(here(), (scene) => writeHistory(scene, edited));
      expect(alone.exit).toBe(1);
      expect(caughtBy(alone)).toContain('witness-quorum');
    });

    it('with the log cut behind an entry and grown again', async () => {
      const own = await kept();
      const shorter = (log: PublishedLog) => log.leaves.slice(0, -10);
      const report = await verdictOn(here(), (scene) => writeHistory(scene, shorter), own);
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toEqual(expect.arrayContaining(['witness-quorum', 'consistency']));
      expect(findingsIn(report)).toContain('the log was rolled back');
    });

    it('that the archived checkpoints contradict, where they were left standing', async () => {
      const report = await verdictOn(here(), async (scene) => {
        const batches = await scene.stranger.items('log', 'batches');
        const note = await writeHistory(scene, edited);
        for (const item of batches) await scene.stranger.put('log', item);
        await scene.stranger.put('log', { ...batches.at(-1), note: { S: note } });
        const [first] = await scene.stranger.items('log', 'batches');
        await scene.stranger.put('log', { ...first, ...batches[0] });
      });
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toEqual(expect.arrayContaining(['witness-quorum', 'consistency']));
      expect(findingsIn(report)).toMatch(/consistency: checkpoints.jsonl, line \d+: had the root/);
    });

    it('shown to the witness: it refuses to cosign it', async () => {
      const { world, stranger } = here();
      const { policy } = await kept();
      const read = parsePolicy(policy);
      const url = read.ok ? read.policy.witnesses[0]?.url : undefined;
      const log = await publishedLog(stranger);
      const leaves = edited(log);
      const key = stolenKey(world.dataDir, 'log');
      const grown = [...leaves, Buffer.from(leaves[0] ?? [])];
      const hashes = grown.map(leafHash);
      const proof = await consistencyProof(log.size, grown.length, (level, index) =>
        rootOf(hashes.slice(index * 2 ** level, (index + 1) * 2 ** level)),
      );
      const asked = async (old: number, size: number, proof: readonly Uint8Array[]) => {
        const root = Buffer.from(rootOf(hashes.slice(0, size))).toString('base64');
        const checkpoint = await signNote(`${log.origin}\n${size}\n${root}\n`, log.origin, key);
        const body = formatAddCheckpoint({ old, proof, checkpoint });
        return fetch(`${url}add-checkpoint`, { method: 'POST', body });
      };
      // One of the same size, one that claims to follow, one that claims that nothing was seen before.
      expect((await asked(log.size, log.size, [])).status).toBe(409);
      expect((await asked(log.size, grown.length, proof)).status).toBe(422);
      const fresh = await asked(0, grown.length, []);
      expect(fresh.status).toBe(409);
      expect((await fresh.text()).trim()).toBe(String(log.size));
    });

    it('that the witness signed too, since both keys are stolen: only a kept checkpoint tells', async () => {
      const own = await kept();
      const fooled = await relogged(here(), (leaves) => edited({ leaves }));
      expect(fooled.exit).toBe(0);
      const report = await relogged(here(), (leaves) => edited({ leaves }), own);
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toEqual(['consistency']);
    });

    it('under another key: the auditor has the true one', async () => {
      const own = await kept();
      const report = await verdictOn(
        here(),
        (scene) => writeHistory(scene, edited, { key: keySigner() }),
        own,
      );
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toEqual(['checkpoint-signature']);
    });

    it('in which an entry is there twice', async () => {
      const replayed = ({ leaves }: PublishedLog) => [...leaves, leaves[12] ?? Buffer.alloc(0)];
      const report = await verdictOn(here(), (scene) => writeHistory(scene, replayed));
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toContain('streams');
      expect(findingsIn(report)).toContain('is there again or out of order');
    });

    it('in which an entry is left out, with its neighbour, or moved', async () => {
      const at = ({ leaves }: PublishedLog) =>
        leaves.findIndex((leaf) => leaf.includes('"outcome":"refused"') && leaf.includes('"sequence":7,'));
      const edits: ((log: PublishedLog) => Buffer[])[] = [
        (log) => log.leaves.toSpliced(at(log), 1),
        (log) => log.leaves.toSpliced(at(log), 2),
        (log) => log.leaves.toSpliced(at(log), 1).toSpliced(at(log) + 30, 0, log.leaves[at(log)] as Buffer),
      ];
      for (const edit of edits) {
        const report = await verdictOn(here(), (scene) => writeHistory(scene, edit, { table: false }));
        expect(report.exit).toBe(1);
        expect(caughtBy(report)).toEqual(expect.arrayContaining(['streams', 'witness-quorum']));
      }
    });

    it('in which the end of a stream is left out that was counted', async () => {
      const { quiet } = here();
      const without = ({ leaves }: PublishedLog) =>
        leaves.filter((leaf) => !leaf.includes(`"stream":"${quiet}"`));
      const report = await verdictOn(
        here(),
        async (scene) => {
          await writeHistory(scene, without);
          for (const item of await scene.stranger.items('commands', quiet))
            await scene.stranger.remove('commands', ...placeOf(item));
          await scene.stranger.remove('log', 'streams', quiet);
        },
        { mergeDelay: 1000 },
      );
      expect(report.exit).toBe(1);
      expect(caughtBy(report)).toContain('manifests');
      expect(findingsIn(report)).toContain(`manifests: ${quiet}/1, counted on`);
    });
  });

/** Writes a history made out of the true one over everything: objects, head, archive and table. */
export async function writeHistory(
  { stranger, world }: Scene,
  change: (log: PublishedLog) => Buffer[],
  { key = stolenKey(world.dataDir, 'log'), table = true } = {},
): Promise<string> {
  const log = await publishedLog(stranger);
  const leaves = change(log);
  const note = await rewriteLog(stranger, { origin: log.origin, leaves }, key);
  if (table) await rewriteTable(stranger, leaves);
  return note;
}

/** Somebody else was refused. */
const edited = ({ leaves }: Pick<PublishedLog, 'leaves'>): Buffer[] => {
  const at = leaves.findIndex((leaf) => leaf.includes('"outcome":"refused"'));
  const entry = JSON.parse(leaves[at]?.toString() ?? '{}') as AuditEntry;
  const other = { ...entry, actor: { ...entry.actor, id: 'per_somebody_else' } };
  return leaves.with(at, Buffer.from(canonical(other)));
};
