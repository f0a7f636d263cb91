import type { Answer, Call } from '../../../shared/lambda/http.ts';
import { encodeCursor, listAnswer, readPagingAlone } from '../../../shared/lambda/paging.ts';
import { problem } from '../../../shared/lambda/problem.ts';
import { isId } from '../../../shared/runtime/ids.ts';
import { malformed, PRIVATE } from '../ask/list-entries.ts';
import { type ExportDesk, ownExport } from './export-desk.ts';
import { representExport } from './export-representation.ts';

/** `GET /v1/audit/exports`: one's own, the newest first. */
export const listExports =
  (desk: ExportDesk) =>
  async (call: Call): Promise<Answer> => {
    const paging = readPagingAlone(call.query, (after) => isId(after, 'exp'));
    if ('errors' in paging) return malformed(paging.errors);
    const { limit, after } = paging;
    const { id } = await call.actor();
    // One more than asked tells whether there is a next page.
    const jobs = await desk.exports.list(id, limit + 1, after);
    const shown = jobs.slice(0, limit);
    const last = jobs.length > limit ? shown.at(-1) : undefined;
    const answer = listAnswer(call, shown.map(representExport), last ? encodeCursor(last.id) : null);
    return { ...answer, headers: { ...answer.headers, ...PRIVATE } };
  };

/** `GET /v1/audit/exports/{id}` */
export const getExport =
  (desk: ExportDesk) =>
  async (call: Call): Promise<Answer> => {
    const job = await ownExport(call, desk);
    return job ? { status: 200, headers: PRIVATE, body: representExport(job) } : noExport();
  };

export const noExport = (): Answer =>
  problem('not-found', 'You have no such export. What was exported is kept for 30 days.');
