import type { Answer, Call } from '../../../shared/lambda/http.ts';
import { problem } from '../../../shared/lambda/problem.ts';
import { sha256 } from '../../../shared/record/canonical.ts';
import type { LogRows } from '../../../shared/store/log-rows.ts';
import { leafHash } from '../../../shared/tlog/merkle.ts';
import { PRIVATE, type Reader, whose } from './list-entries.ts';
import { entriesOf } from './view.ts';

/** The index in a path; null where it is none. */
export const indexIn = ({ params }: Call): number | null =>
  /^(0|[1-9]\d{0,14})$/.test(params['index'] ?? '') ? Number(params['index']) : null;

/** Answers about an index that the published log does not have. */
export const noSuchIndex = (size: number): Answer =>
  problem(
    'not-found',
    size === 0
      ? 'The log is empty still.'
      : `The log has the entries 0 to ${size - 1}. What was recorded just now has its place within a minute.`,
  );

/** `GET /v1/audit/entries/{index}`: everything about one entry, and what stands in the table about it. */
export const showEntry =
  ({ trail, people, rows }: Reader & { rows: LogRows }) =>
  async (call: Call): Promise<Answer> => {
    const index = indexIn(call);
    const checkpoint = await trail.checkpoints.newest();
    const { size, root, time } = checkpoint;
    const leaf = index !== null && index < size ? await trail.leaves.one(index) : undefined;
    const [shown] = leaf ? await entriesOf(trail, [leaf], size) : [];
    const { actor } = await whose({ order: 'asc' }, call, people);
    // Whose entry it is, is nothing that an administrator may find out.
    if (!leaf || !shown || (actor !== undefined && shown.entry.actor.id !== actor)) return noSuchIndex(size);
    const [row] = await rows.at([leaf.key]);
    return {
      status: 200,
      headers: PRIVATE,
      body: {
        index,
        ...shown.entry,
        bytes: shown.bytes,
        hash: sha256(shown.bytes),
        leafHash: Buffer.from(leafHash(Buffer.from(shown.bytes))).toString('hex'),
        // What an attacker left there; the log has what was sequenced.
        rowHolds: row?.bytes === shown.bytes,
        row,
        proof: `/v1/audit/entries/${index}/proof`,
        checkpoint: { size, root, time },
      },
    };
  };
