import { isDate } from '../../../shared/commitment/dates.ts';
import type { Answer, Call } from '../../../shared/lambda/http.ts';
import { problem } from '../../../shared/lambda/problem.ts';
import { type LogObjects, manifestPath } from '../../../shared/store/log-objects.ts';

/** `GET /v1/audit/manifests/{day}`: the heads of all streams on a day; its SHA-256 is in an entry of the log. */
export const serveManifest =
  (objects: Pick<LogObjects, 'get'>) =>
  async ({ params }: Call): Promise<Answer> => {
    const { day = '' } = params;
    const bytes = isDate(day) ? await objects.get(manifestPath(day)) : null;
    if (!bytes)
      return problem('not-found', 'The streams were not counted on this day. Ask for a day like 2026-11-24.');
    return {
      status: 200,
      headers: {
        'content-type': 'application/jsonl',
        'cache-control': 'private, max-age=31536000, immutable',
      },
      body: bytes,
    };
  };
