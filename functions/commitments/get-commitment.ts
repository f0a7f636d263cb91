import { fold } from '../../shared/commitment/evolve.ts';
import { representCommitment } from '../../shared/commitment/representation.ts';
import type { Commitment } from '../../shared/commitment/state.ts';
import type { Status } from '../../shared/commitment/status.ts';
import { readTime } from '../../shared/commitment/time.ts';
import { etag } from '../../shared/lambda/envelope.ts';
import type { Answer, Call } from '../../shared/lambda/http.ts';
import { problem } from '../../shared/lambda/problem.ts';
import { open } from '../../shared/record/event-record.ts';
import type { Commitments } from '../../shared/store/commitments.ts';
import type { Events } from '../../shared/store/events.ts';
import type { Responses } from '../../shared/store/responses.ts';

interface Deps {
  commitments: Commitments;
  responses: Responses;
  events: Events;
}

/** One commitment as it stands, or as it stood at a past time: then it is a fold of its events up to it. */
export const getCommitment =
  (deps: Deps) =>
  async (call: Call): Promise<Answer> => {
    const { id = '' } = call.params;
    const at = call.query['asAt'] === undefined ? null : readTime(call.query['asAt']);
    if (at === undefined)
      return problem('malformed-query', 'asAt has to be a time like 2024-03-31T12:00:00.000Z.', {
        errors: [{ pointer: '/asAt', code: 'invalid-parameter', detail: 'is not an RFC 3339 time' }],
      });
    const state = at === null ? (await deps.commitments.load(id)).state : await stateAt(deps, id, at);
    if (!state)
      return problem(
        'not-found',
        at ? `There was no such commitment at ${at}.` : 'There is no such commitment.',
      );
    const [text, statuses] = await Promise.all([
      deps.responses.text(state.card.responseId),
      statusesOf(deps, state.card.dependsOn, at),
    ]);
    const body = representCommitment(state, { text, statuses, at: at ?? call.time });
    return {
      status: 200,
      headers: { 'cache-control': 'no-cache', ...(at === null && { etag: etag(state.head.version) }) },
      body: at === null ? body : { ...body, asAt: at },
    };
  };

async function stateAt({ events }: Deps, id: string, at: string): Promise<Commitment | null> {
  if (!id.startsWith('cmt_')) return null;
  const before = [];
  for await (const record of events.all(id)) {
    const event = open(record);
    if (event.time > at) break;
    before.push(event);
  }
  return fold(before);
}

async function statusesOf(deps: Deps, ids: string[], at: string | null): Promise<Map<string, Status>> {
  if (ids.length === 0) return new Map();
  if (at === null)
    return new Map([...(await deps.commitments.briefs(ids))].map(([id, { head }]) => [id, head.status]));
  const states = await Promise.all(
    ids.map(async (id) => [id, (await stateAt(deps, id, at))?.head.status] as const),
  );
  return new Map(states.flatMap(([id, status]) => (status ? [[id, status] as const] : [])));
}
