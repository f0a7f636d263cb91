import type { Answer, Call } from '../../shared/lambda/http.ts';
import { problem } from '../../shared/lambda/problem.ts';
import { cloudEvent } from '../../shared/store/cloud-event.ts';
import type { Events } from '../../shared/store/events.ts';
import type { Feed } from '../../shared/store/feed.ts';
import { readAsked } from './ask.ts';
import { atom } from './atom.ts';

/** The last events as a feed for news readers, which ask again every few minutes. */
export const showAtom =
  ({ feed, events }: { feed: Pick<Feed, 'latest'>; events: Pick<Events, 'many'> }) =>
  async (call: Call): Promise<Answer> => {
    const { after, cursor = after, ...query } = call.query;
    const asked = cursor === undefined ? readAsked(query) : { errors: [UNORDERED] };
    if ('errors' in asked)
      return problem('malformed-query', 'Some query parameters can not be read.', { errors: asked.errors });
    const records = await events.many(await feed.latest(asked.filter, asked.limit));
    const search = new URLSearchParams(query).toString();
    return {
      status: 200,
      headers: {
        'content-type': 'application/atom+xml; charset=utf-8',
        'cache-control': 'public, max-age=60',
      },
      body: atom(`${call.path}${search && `?${search}`}`, records.map(cloudEvent)),
    };
  };

const UNORDERED = {
  pointer: '/after',
  code: 'invalid-parameter',
  detail: 'is a parameter of /v1/events: this feed shows the last events',
};
