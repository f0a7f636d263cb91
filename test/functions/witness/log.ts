import { formatAddCheckpoint } from '../../../shared/tlog/add-checkpoint.ts';
import { formatCheckpoint } from '../../../shared/tlog/checkpoint.ts';
import { CompactRange, consistencyProof, leafHash } from '../../../shared/tlog/merkle.ts';
import { signNote } from '../../../shared/tlog/note.ts';
import { ED25519 } from '../../../shared/tlog/signed-message.ts';
import { formatVerifierKey } from '../../../shared/tlog/verifier-key.ts';
import { testSigner } from '../../kit/signer.ts';

/** A log of texts, with a key of its own, that can say at any size what it signs and asks of a witness. */
export async function makeLog(origin: string, word: string, leaves: (index: number) => string) {
  const signer = testSigner(word);
  const hashes = (size: number) =>
    Array.from({ length: size }, (_, index) => leafHash(Buffer.from(leaves(index))));
  const rootAt = (size: number): Uint8Array => {
    const range = new CompactRange();
    range.appendAll(hashes(size));
    return range.root();
  };
  const subtree = (size: number) => (level: number, index: number) => {
    const range = new CompactRange();
    range.appendAll(hashes(size).slice(index * 2 ** level, (index + 1) * 2 ** level));
    return range.root();
  };
  const checkpoint = (size: number): Promise<string> =>
    signNote(formatCheckpoint({ origin, size, root: rootAt(size) }), origin, signer);
  return {
    key: formatVerifierKey(origin, ED25519, await signer.publicKey()),
    rootAt,
    checkpoint,
    /** The body of a request, true in every part. */
    async request(old: number, size: number): Promise<string> {
      const proof = old > 0 && old < size ? await consistencyProof(old, size, subtree(size)) : [];
      return formatAddCheckpoint({ old, proof, checkpoint: await checkpoint(size) });
    },
  };
}
