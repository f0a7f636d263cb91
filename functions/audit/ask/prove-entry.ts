import type { Answer, Call } from '../../../shared/lambda/http.ts';
import type { LogObjects } from '../../../shared/store/log-objects.ts';
import { inclusionProof } from '../../../shared/tlog/merkle.ts';
import { formatProof } from '../../../shared/tlog/proof.ts';
import { tilePath, tileReader } from '../../../shared/tlog/tiles.ts';
import { indexIn, noSuchIndex } from './show-entry.ts';
import type { Trail } from './view.ts';

/** `GET /v1/audit/entries/{index}/proof`: that an entry is in the log, as text (C2SP tlog-proof), under the newest checkpoint. */
export const proveEntry =
  ({ trail, objects }: { trail: Pick<Trail, 'checkpoints'>; objects: Pick<LogObjects, 'get'> }) =>
  async (call: Call): Promise<Answer> => {
    const index = indexIn(call);
    const { size, note } = await trail.checkpoints.newest();
    if (index === null || index >= size || note === null) return noSuchIndex(size);
    const read = tileReader(size, async ({ level, n, width }) => {
      const path = tilePath(level, n, width);
      const bytes = await objects.get(path);
      if (!bytes) throw new Error(`the log lacks ${path}`);
      return bytes;
    });
    const hashes = await inclusionProof(index, size, read);
    return {
      status: 200,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
      body: formatProof({ index, hashes, checkpoint: note }),
    };
  };
