import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCheckpoint } from '../../../shared/tlog/checkpoint.ts';
import { cosign } from '../../../shared/tlog/cosignature.ts';
import { inclusionProof, leafHash, nodeHash, rootOf } from '../../../shared/tlog/merkle.ts';
import { formatSignatureLine, signNote } from '../../../shared/tlog/note.ts';
import { parsePolicy } from '../../../shared/tlog/policy.ts';
import { formatProof, parseProof, verifyProof } from '../../../shared/tlog/proof.ts';
import { COSIGNATURE_V1, ED25519 } from '../../../shared/tlog/signed-message.ts';
import { growTiles } from '../../../shared/tlog/tile-growth.ts';
import { tileReader } from '../../../shared/tlog/tiles.ts';
import { formatVerifierKey, parseVerifierKey } from '../../../shared/tlog/verifier-key.ts';
import { testSigner } from '../../kit/signer.ts';

const SIZE = 11;
const ORIGIN = 'example.com/log';
const WITNESS = 'witness.example';
const leaves = Array.from({ length: SIZE }, (_, at) => leafHash(Buffer.from(`entry ${at}`)));
const [tile] = growTiles(0, [], leaves).tiles;
const read = tileReader(SIZE, () => tile?.bytes ?? new Uint8Array());
const [log, witness] = [testSigner('log'), testSigner('witness')];
const logKey = formatVerifierKey(ORIGIN, ED25519, await log.publicKey());
const witnessKey = formatVerifierKey(WITNESS, COSIGNATURE_V1, await witness.publicKey());
const otherKey = formatVerifierKey(ORIGIN, ED25519, await testSigner('other').publicKey());

function policyOf(text: string) {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.policy;
}

const policy = policyOf(`log ${logKey}\nwitness W ${witnessKey}\nquorum W\n`);
const text = formatCheckpoint({ origin: ORIGIN, size: SIZE, root: rootOf(leaves) });
const signed = await signNote(text, ORIGIN, log);
const cosigned = signed + formatSignatureLine(await cosign(text, WITNESS, 1_700_000_000, witness));
function keyed(vkey: string) {
  const parsed = parseVerifierKey(vkey);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.key;
}

const leafAt = (index: number) => leaves[index] ?? new Uint8Array();
const proofOf = async (index: number, checkpoint = cosigned) =>
  formatProof({ index, hashes: await inclusionProof(index, SIZE, read), checkpoint });

describe('the text', () => {
  test('is as tlog-proof says', async () => {
    const hashes = await inclusionProof(10, SIZE, read);
    const lines = hashes.map((hash) => `${Buffer.from(hash).toString('base64')}\n`).join('');
    const extra = Buffer.from('aside');
    expect(formatProof({ index: 10, hashes, checkpoint: cosigned, extra })).toBe(
      `c2sp.org/tlog-proof@v1\nextra YXNpZGU=\nindex 10\n${lines}\n${cosigned}`,
    );
    for (const proof of [
      { index: 0, hashes: [], checkpoint: cosigned },
      { index: 10, hashes, checkpoint: cosigned, extra: Uint8Array.from(extra) },
    ]) {
      expect(parseProof(formatProof(proof))).toEqual({ ok: true, proof });
    }
  });

  const HEAD = 'c2sp.org/tlog-proof@v1';
  test.each([
    ['', 'form'],
    [`${HEAD}\nindex 0\n\n`, 'form'],
    [`${HEAD}\nindex 0\nx`, 'form'],
    [`c2sp.org/tlog-proof@v2\nindex 0\n\nx`, 'header'],
    [` ${HEAD}\nindex 0\n\nx`, 'header'],
    [`${HEAD}\nextra \nindex 0\n\nx`, 'extra'],
    [`${HEAD}\nextra YQ\nindex 0\n\nx`, 'extra'],
    [`${HEAD}\nindex 0\nextra YQ==\n\nx`, 'hashes'],
    [`${HEAD}\nextra YQ==\nextra YQ==\nindex 0\n\nx`, 'index'],
    [`${HEAD}\n\nindex 0\n\nx`, 'index'],
    [`${HEAD}\nindex 00\n\nx`, 'index'],
    [`${HEAD}\nindex  0\n\nx`, 'index'],
    [`${HEAD}\nindex -1\n\nx`, 'index'],
    [`${HEAD}\nindex 0\nAAAA\n\nx`, 'hashes'],
    [`${HEAD}\nindex 0\n${`${Buffer.alloc(32).toString('base64')}\n`.repeat(64)}\nx`, 'hashes'],
  ])('refuses %j', (source, reason) => {
    expect(parseProof(source)).toEqual({ ok: false, reason });
  });
});

describe('verifying', () => {
  test('every entry, with the checkpoint and who cosigned', async () => {
    for (const index of leaves.keys()) {
      expect(verifyProof(await proofOf(index), leafAt(index), policy)).toMatchObject({
        ok: true,
        index,
        checkpoint: { origin: ORIGIN, size: SIZE },
        cosignatures: [{ name: WITNESS, time: 1_700_000_000 }],
        quorum: { met: true, cosigned: ['W'] },
      });
    }
  });

  test('another leaf, another place and a node given as a leaf fail', async () => {
    const proof = await proofOf(4);
    const inclusion = { ok: false, reason: 'inclusion' };
    expect(verifyProof(proof, leafAt(5), policy)).toEqual(inclusion);
    expect(verifyProof(proof.replace('index 4', 'index 5'), leafAt(4), policy)).toEqual(inclusion);
    const above = (await inclusionProof(4, SIZE, read)).slice(1);
    const node = nodeHash(leafAt(4), leafAt(5));
    for (const index of [2, 4, 5]) {
      const forged = formatProof({ index, hashes: above, checkpoint: cosigned });
      expect(verifyProof(forged, node, policy)).toEqual(inclusion);
    }
  });

  test('one bit changed anywhere is seen', async () => {
    const bytes = Buffer.from(await proofOf(4));
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const changed = Buffer.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(verifyProof(changed.toString(), leafAt(4), policy).ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test('a checkpoint without the quorum, of another log or changed fails', async () => {
    const reasonOf = async (checkpoint: string, by = policy) => {
      const verified = verifyProof(await proofOf(4, checkpoint), leafAt(4), by);
      return verified.ok ? 'ok' : verified.reason;
    };
    const both = policyOf(`log ${otherKey}\nlog ${logKey}\nquorum none\n`);
    expect(await reasonOf(signed)).toBe('quorum');
    expect(await reasonOf(signed, policyOf(`log ${logKey}\nquorum none\n`))).toBe('ok');
    expect(await reasonOf(cosigned, policyOf('quorum none\n'))).toBe('log');
    expect(await reasonOf(cosigned, policyOf(`log ${otherKey}\nquorum none\n`))).toBe('unsigned');
    expect(await reasonOf(cosigned, both)).toBe('ok');
    expect(await reasonOf(cosigned.replace(`\n${SIZE}\n`, '\n12\n'))).toBe('invalid');
    const wrong = formatSignatureLine({ ...keyed(otherKey), signature: new Uint8Array(64) });
    expect(await reasonOf(signed + wrong, both)).toBe('invalid');
    expect(await reasonOf('no note')).toBe('form');
  });
});
