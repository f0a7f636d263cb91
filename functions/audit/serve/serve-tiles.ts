import type { Answer, Call } from '../../../shared/lambda/http.ts';
import { problem } from '../../../shared/lambda/problem.ts';
import type { LogObjects } from '../../../shared/store/log-objects.ts';
import { parseTilePath } from '../../../shared/tlog/tiles.ts';

type Objects = Pick<LogObjects, 'get'>;

/** What is at a path of the log never changes. */
const FOR_EVER = 'max-age=31536000, immutable';

/** Tiles of hashes, for anyone. */
export const serveTile = (objects: Objects) => serve(objects, 'tile/', `public, ${FOR_EVER}`);

/** Bundles of entries, for auditors. */
export const serveEntries = (objects: Objects) => serve(objects, 'tile/entries/', `private, ${FOR_EVER}`);

const serve =
  (objects: Objects, prefix: 'tile/' | 'tile/entries/', cache: string) =>
  async ({ params }: Call): Promise<Answer> => {
    const path = `${prefix}${params['path'] ?? ''}`;
    const asked = parseTilePath(path);
    const isBundle = asked?.level === 'entries';
    const bytes = asked && isBundle === (prefix === 'tile/entries/') ? await objects.get(path) : null;
    if (!bytes)
      return problem(
        'not-found',
        'The log has nothing at this path. Paths are those of C2SP tlog-tiles, up to the size of the checkpoint.',
      );
    return {
      status: 200,
      headers: { 'content-type': 'application/octet-stream', 'cache-control': cache },
      body: bytes,
    };
  };
