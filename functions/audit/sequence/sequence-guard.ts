import type { Head } from '../../../shared/store/log-head.ts';
import { checkpointPath, checkpointsAfter } from '../../../shared/store/log-objects.ts';
import { openCheckpoint } from '../../../shared/tlog/checkpoint.ts';
import { CompactRange, sameBytes } from '../../../shared/tlog/merkle.ts';
import { ED25519 } from '../../../shared/tlog/signed-message.ts';
import { verifierKey } from '../../../shared/tlog/verifier-key.ts';
import { type LogFinding, refused, type Sequencer } from './sequencer.ts';

export type Guarding = Pick<
  Sequencer,
  'objects' | 'head' | 'signer' | 'origin' | 'entries' | 'items' | 'pending' | 'clock' | 'log'
>;

interface Suspicion {
  code: LogFinding;
  at?: number;
  found?: string;
  expected?: string;
}

/**
 * Whether the log may go on from a head: the checkpoints that are out, which nobody can take back, have to end with it. Null where the
 * head is another by now: then somebody else went on. Else what is needed of the checkpoint that was published last.
 * @throws LogRefused
 */
export async function guard(head: Head | null, deps: Guarding): Promise<{ root: Uint8Array | null } | null> {
  const seen = await look(head, deps);
  if ('root' in seen) return seen;
  if (await hasMoved(head, deps)) return null;
  const { code, ...detail } = seen;
  throw await refused(code, head, detail, deps);
}

/** Whether another sequencer went on from a head: what looks wrong behind it may be the work of that one. */
export async function hasMoved(head: Head | null, deps: Pick<Sequencer, 'head'>): Promise<boolean> {
  const now = await deps.head.read();
  return now !== null && (now.version !== head?.version || now.published !== head.published);
}

async function look(
  head: Head | null,
  { objects, signer, origin }: Guarding,
): Promise<Suspicion | { root: Uint8Array | null }> {
  const published = head?.published ?? 0;
  const key = verifierKey(origin, ED25519, await signer.publicKey());
  const rootOf = async (size: number): Promise<Uint8Array | null | Suspicion> => {
    const note = await objects.get(checkpointPath(size));
    if (!note) return null;
    const opened = openCheckpoint(note, key);
    return opened.ok && opened.checkpoint.size === size
      ? opened.checkpoint.root
      : { code: 'checkpoint-forked', at: size, found: opened.ok ? 'size' : opened.reason };
  };

  for await (const size of checkpointsAfter(objects, published)) {
    if (!head) return { code: 'head-missing', at: size };
    // The batch that is about to be published may have got so far.
    if (size !== head.size) return { code: 'head-behind', at: size };
    const root = await rootOf(size);
    if (root && !(root instanceof Uint8Array)) return root;
    if (root && !sameBytes(root, head.root)) return forked(size, root, head.root);
  }
  if (!head) return { root: null };
  if (!isWhole(head)) return { code: 'head-altered' };
  if (published === 0) return { root: null };
  const root = await rootOf(published);
  if (!root) return { code: 'checkpoint-missing', at: published };
  if (!(root instanceof Uint8Array)) return root;
  return published === head.size && !sameBytes(root, head.root)
    ? forked(published, root, head.root)
    : { root };
}

function isWhole({ size, root, range, published }: Head): boolean {
  try {
    return published <= size && sameBytes(CompactRange.restore(size, range).root(), root);
  } catch {
    return false;
  }
}

const forked = (at: number, found: Uint8Array, expected: Uint8Array): Suspicion => ({
  code: 'checkpoint-forked',
  at,
  found: Buffer.from(found).toString('hex'),
  expected: Buffer.from(expected).toString('hex'),
});
