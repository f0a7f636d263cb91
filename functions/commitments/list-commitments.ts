import type { Status } from '../../shared/commitment/status.ts';
import type { Answer, Call } from '../../shared/lambda/http.ts';
import { PAGING, page, readPaging } from '../../shared/lambda/paging.ts';
import { problem } from '../../shared/lambda/problem.ts';
import type { Brief, Commitments } from '../../shared/store/commitments.ts';
import type { Responses } from '../../shared/store/responses.ts';
import { matches, readFilter, sortKey } from './filter.ts';
import { representCommitment } from './represent.ts';

/** One response's compact projection (or every response's, one by one) is queried, filtered, sorted, and cut to a page. */
export const listCommitments =
  (deps: { commitments: Commitments; responses: Responses }) =>
  async (call: Call): Promise<Answer> => {
    const asked = readFilter(call.query, PAGING);
    const paging = readPaging(call.query);
    const errors = [...('errors' in asked ? asked.errors : []), ...('errors' in paging ? paging.errors : [])];
    if ('errors' in asked || 'errors' in paging)
      return problem('malformed-query', 'Some query parameters can not be read.', { errors });

    const { filter } = asked;
    const ids = filter.response ? [filter.response] : (await deps.responses.all()).map(({ id }) => id);
    const [lists, texts] = await Promise.all([
      Promise.all(ids.map((id) => deps.commitments.ofResponse(id))),
      Promise.all(ids.map(async (id) => [id, await deps.responses.text(id)] as const)),
    ]);
    const all = lists.flat();
    const statuses = await statusesOf(all, deps.commitments);

    const found = all
      .filter((brief) => matches(filter, brief, statuses, call.time))
      .map((brief) => ({ key: sortKey(filter.sort, brief), brief }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    const { rows, next } = page(found, paging, ({ key }) => key);
    const textOf = new Map(texts);
    const data = (await deps.commitments.complete(rows.map(({ brief }) => brief))).map((state) =>
      representCommitment(state, {
        text: textOf.get(state.card.responseId) ?? null,
        statuses,
        at: call.time,
      }),
    );
    return next.answer(call, data);
  };

/** Statuses of all, and of what they depend on in other responses. */
async function statusesOf(
  all: Brief[],
  commitments: Pick<Commitments, 'briefs'>,
): Promise<Map<string, Status>> {
  const statuses = new Map(all.map(({ card, head }) => [card.id, head.status]));
  const elsewhere = [...new Set(all.flatMap(({ card }) => card.dependsOn).filter((id) => !statuses.has(id)))];
  if (elsewhere.length > 0)
    for (const [id, { head }] of await commitments.briefs(elsewhere)) statuses.set(id, head.status);
  return statuses;
}
