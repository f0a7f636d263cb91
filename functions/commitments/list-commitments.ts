import { representCommitment } from '../../shared/commitment/representation.ts';
import type { Status } from '../../shared/commitment/status.ts';
import type { Answer, Call } from '../../shared/lambda/http.ts';
import { MAX_ANSWER, PAGING, page, readPaging, sizeInAnswer } from '../../shared/lambda/paging.ts';
import { problem } from '../../shared/lambda/problem.ts';
import type { Brief, Commitments } from '../../shared/store/commitments.ts';
import type { Responses } from '../../shared/store/responses.ts';
import { matches, readFilter, sortKey } from './filter.ts';

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
    const { rows, answer } = page(found, paging, ({ key }) => key);
    const textOf = new Map(texts);
    const data: ReturnType<typeof representCommitment>[] = [];
    let bytes = 0;
    for (const some of portions(rows.map(({ brief }) => brief))) {
      for (const state of await deps.commitments.complete(some))
        data.push(
          representCommitment(state, {
            text: textOf.get(state.card.responseId) ?? null,
            statuses,
            at: call.time,
          }),
        );
      bytes += sizeInAnswer(data.slice(-some.length));
      if (bytes > MAX_ANSWER) break;
    }
    return answer(call, data);
  };

/** Parts (evidence, extensions, occurrences) that are read at once: some kilobytes each at most. */
const AT_ONCE = 5000;

/** Commitments in portions whose parts fit in the memory of a function. */
function* portions(briefs: readonly Brief[]): Generator<Brief[]> {
  let portion: Brief[] = [];
  let parts = 0;
  for (const brief of briefs) {
    const { evidence, extensions, occurrences } = brief.head;
    parts += evidence + extensions + occurrences;
    if (parts > AT_ONCE && portion.length > 0) {
      yield portion;
      portion = [];
      parts = evidence + extensions + occurrences;
    }
    portion.push(brief);
  }
  yield portion;
}

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
