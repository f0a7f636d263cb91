import type { Answer, Call } from '../../shared/lambda/http.ts';
import { encodeCursor, listAnswer, PAGING, readPaging } from '../../shared/lambda/paging.ts';
import { problem } from '../../shared/lambda/problem.ts';
import type { LogBatches } from '../../shared/store/log-batches.ts';
import type { LogHead } from '../../shared/store/log-head.ts';
import { type LogObjects, newestCheckpoint } from '../../shared/store/log-objects.ts';

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
    const unknown = Object.keys(call.query).filter((name) => !(PAGING as readonly string[]).includes(name));
    const paging = readPaging(call.query);
    const errors = [
      ...unknown.map((name) => ({
        pointer: `/${name}`,
        code: 'invalid-parameter' as const,
        detail: 'is not a parameter of this list',
      })),
      ...('errors' in paging ? paging.errors : []),
    ];
    const first = 'errors' in paging ? null : indexOf(paging.after);
    if (first === undefined)
      errors.push({
        pointer: '/cursor',
        code: 'invalid-parameter',
        detail: 'is not a cursor that this list gave',
      });
    if (errors.length > 0 || 'errors' in paging || first === undefined)
      return problem('malformed-query', 'Some query parameters can not be read.', { errors });
    const found = await batches.from(first ?? 0, paging.limit + 1);
    const shown = found.slice(0, paging.limit);
    const next = found[paging.limit];
    const data = shown.map(({ size, time, note }) => ({ size, time, note }));
    return listAnswer(call, data, next ? encodeCursor(String(next.first)) : null);
  };

/** Where a page begins; undefined for a cursor of another list. */
function indexOf(cursor: string | null): number | null | undefined {
  if (cursor === null) return null;
  return /^\d{1,15}$/.test(cursor) ? Number(cursor) : undefined;
}
