import { describe, expect, it } from 'vitest';
import { leafHash } from '../../../shared/tlog/merkle.ts';
import { parsePolicy } from '../../../shared/tlog/policy.ts';
import { formatProof, type LogProof, parseProof, verifyProof } from '../../../shared/tlog/proof.ts';
import { tilePath } from '../../../shared/tlog/tiles.ts';
import { publishedLog } from '../../kit/strangers/forger.ts';
import type { Scene } from '../../kit/strangers/scene.ts';

/** Whoever stands between the system and the auditor with a proof of inclusion of their own making. */
export const attacksOnProofs = (here: () => Scene) =>
  describe('proofs of inclusion', () => {
    async function given(index: number) {
      const { auditor, stranger } = here();
      const [text, policy, { leaves }] = await Promise.all([
        auditor.text(`/v1/audit/entries/${index}/proof`),
        auditor.text('/v1/audit/policy'),
        publishedLog(stranger),
      ]);
      const [read, trusted] = [parseProof(text), parsePolicy(policy)];
      if (!read.ok || !trusted.ok) throw new Error('no proof, or no policy');
      const leaf = leafHash(leaves[index] ?? Buffer.alloc(0));
      return { text, proof: read.proof, policy: trusted.policy, leaf, leaves };
    }

    it.each([0, 6, 255, 256])('the true one of entry %i holds', async (index) => {
      const { text, leaf, policy } = await given(index);
      expect(verifyProof(text, leaf, policy)).toMatchObject({ ok: true, index });
    });

    const CRAFTED: [string, (proof: LogProof) => LogProof][] = [
      ['shorter', ({ hashes, ...proof }) => ({ ...proof, hashes: hashes.slice(0, -1) })],
      ['without its first hash', ({ hashes, ...proof }) => ({ ...proof, hashes: hashes.slice(1) })],
      ['empty', (proof) => ({ ...proof, hashes: [] })],
      [
        'longer',
        ({ hashes, ...proof }) => ({ ...proof, hashes: [...hashes, hashes[0] ?? new Uint8Array(32)] }),
      ],
      [
        'with two hashes swapped',
        ({ hashes: [a, b, ...rest], ...proof }) => ({
          ...proof,
          hashes: [b ?? new Uint8Array(32), a ?? new Uint8Array(32), ...rest],
        }),
      ],
      ['of another index', (proof) => ({ ...proof, index: proof.index + 1 })],
      ['of an index behind the end', (proof) => ({ ...proof, index: 100_000 })],
      [
        'with another hash in it',
        ({ hashes, ...proof }) => ({ ...proof, hashes: [new Uint8Array(32), ...hashes.slice(1)] }),
      ],
    ];
    it.each(CRAFTED)('one that is %s does not', async (_, craft) => {
      const { proof, leaf, policy } = await given(6);
      expect(verifyProof(formatProof(craft(proof)), leaf, policy)).toEqual({
        ok: false,
        reason: 'inclusion',
      });
    });

    it('one of another leaf, or of a node above it, does not', async () => {
      const { proof, policy, leaves } = await given(6);
      const text = formatProof(proof);
      expect(verifyProof(text, leafHash(leaves[7] ?? Buffer.alloc(0)), policy).ok).toBe(false);
      const [sibling = new Uint8Array(), ...rest] = proof.hashes;
      const node = Buffer.concat([leafHash(leaves[6] ?? Buffer.alloc(0)), sibling]);
      const above = formatProof({ ...proof, index: proof.index >> 1, hashes: rest });
      expect(verifyProof(above, leafHash(node), policy)).toEqual({ ok: false, reason: 'inclusion' });
    });

    it('one under a checkpoint of another size, or that the witness did not sign, does not', async () => {
      const { stranger } = here();
      const { proof, leaf, policy } = await given(6);
      const [oldest = ''] = (await stranger.paths('checkpoints/')).sort();
      const checkpoint = (await stranger.object(oldest))?.toString() ?? '';
      expect(verifyProof(formatProof({ ...proof, checkpoint }), leaf, policy)).toMatchObject({ ok: false });
      const unseen = proof.checkpoint.split('\n').slice(0, -2).join('\n');
      expect(verifyProof(formatProof({ ...proof, checkpoint: `${unseen}\n` }), leaf, policy)).toEqual({
        ok: false,
        reason: 'quorum',
      });
    });

    it('one that the system makes from a tile that was overwritten does not', async () => {
      const { stranger } = here();
      const tile = Buffer.from((await stranger.object(tilePath(0, 0))) ?? []);
      tile[7 * 32] = (tile[7 * 32] ?? 0) ^ 1;
      try {
        await stranger.putObject(tilePath(0, 0), tile);
        const { text, leaf, policy } = await given(6);
        expect(verifyProof(text, leaf, policy)).toEqual({ ok: false, reason: 'inclusion' });
      } finally {
        await stranger.undo();
      }
    });
  });
