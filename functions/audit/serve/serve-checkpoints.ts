import type { Answer, Call } from '../../../shared/lambda/http.ts';
import { encodeCursor, listAnswer, readPagingAlone } from '../../../shared/lambda/paging.ts';
import { problem } from '../../../shared/lambda/problem.ts';
import type { LogBatches } from '../../../shared/store/log-batches.ts';
import type { LogHead } from '../../../shared/store/log-head.ts';
import { type LogObjects, newestCheckpoint } from '../../../shared/store/log-objects.ts';

/** The newest checkpoint that is published, as it is locked: a signed note with its cosignatures. */
export const serveCheckpoint =
  ({ head, objects }: { head: Pick<LogHead, 'read'>; objects: Pick<LogObjects, 'list' | 'get'> }) =>
  async (): Promise<Answer> => {
    const newest = await newestCheckpoint(objects, (await head.read())?.published ?? 0);
    if (!newest)
      return problem('not-found', 'The log is empty: nothing was sequenced yet, so nothing is signed.');
    return {
      status: 200,
      headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache' },
      body: newest.note,
    };
  };

/** All checkpoints that were published, in their order. */
export const listCheckpoints =
  (batches: Pick<LogBatches, 'from'>) =>
  async (call: Call): Promise<Answer> => {
    const paging = readPagingAlone(call.query, (after) => /^\d{1,15}$/.test(after));
    if ('errors' in paging)
      return problem('malformed-query', 'Some query parameters can not be read.', paging);
    const found = await batches.from(Number(paging.after ?? 0), paging.limit + 1);
    const shown = found.slice(0, paging.limit);
    const next = found[paging.limit];
    const data = shown.map(({ size, time, note }) => ({ size, time, note }));
    return listAnswer(call, data, next ? encodeCursor(String(next.first)) : null);
  };
