import type { Answer, Call } from '../../shared/lambda/http.ts';
import { page, readPagingAlone } from '../../shared/lambda/paging.ts';
import { problem } from '../../shared/lambda/problem.ts';
import { isId } from '../../shared/runtime/ids.ts';
import { answerErasure, notFound, type Office, represent } from './office.ts';

/** `GET /v1/erasures`: oldest first. */
export const listErasures =
  ({ erasures }: Pick<Office, 'erasures'>) =>
  async (call: Call): Promise<Answer> => {
    const paging = readPagingAlone(call.query, (after) => isId(after, 'era'));
    if ('errors' in paging)
      return problem('malformed-query', 'Some query parameters can not be read.', { errors: paging.errors });
    const all = (await erasures.all()).sort((a, b) => (a.id < b.id ? -1 : 1));
    const { rows, answer } = page(all, paging, ({ id }) => id);
    const { headers, ...list } = answer(call, rows.map(represent));
    return { ...list, headers: { ...headers, 'cache-control': 'no-store' } };
  };

/** `GET /v1/erasures/{id}` */
export const showErasure =
  ({ erasures }: Pick<Office, 'erasures'>) =>
  async ({ params }: Call): Promise<Answer> => {
    const { id = '' } = params;
    const erasure = isId(id, 'era') ? await erasures.one(id) : null;
    return erasure ? answerErasure(200, erasure) : notFound();
  };
