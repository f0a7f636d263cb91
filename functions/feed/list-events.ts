import type { Answer, Call } from '../../shared/lambda/http.ts';
import { encodeCursor, MAX_ANSWER, sizeInAnswer } from '../../shared/lambda/paging.ts';
import { problem } from '../../shared/lambda/problem.ts';
import type { EventRecord } from '../../shared/record/event-record.ts';
import { eventId } from '../../shared/record/streams.ts';
import { type CloudEvent, cloudEvent } from '../../shared/store/cloud-event.ts';
import type { Events } from '../../shared/store/events.ts';
import type { Feed, FeedItem } from '../../shared/store/feed.ts';
import { readAsked } from './ask.ts';

export interface Reader {
  feed: Pick<Feed, 'after'>;
  events: Pick<Events, 'many'>;
}

/** A page of the feed, in order. Its cursor is always there: whoever keeps it asks again later, and misses nothing. */
export const listEvents =
  ({ feed, events }: Reader) =>
  async (call: Call): Promise<Answer> => {
    const asked = readAsked(call.query);
    if ('errors' in asked)
      return problem('malformed-query', 'Some query parameters can not be read.', { errors: asked.errors });
    const { after, limit, filter } = asked;
    const items = await feed.after(after, filter, limit);
    const { data, reached } = fitting(items, await events.many(items));
    const next = encodeCursor(String(reached ?? after));
    const query = new URLSearchParams({ ...call.query, after: next });
    return {
      status: 200,
      headers: {
        // A full page stays what it is, but for a redaction; what follows a short one may be there in a moment.
        'cache-control': items.length === limit ? 'public, max-age=60' : 'no-cache',
        link: `<${call.path}?${query}>; rel="next"`,
      },
      body: { data, next_cursor: next },
    };
  };

/** The events of a page, and the position it reaches: as many as fit in an answer, one at least. */
function fitting(items: readonly FeedItem[], records: readonly EventRecord[]) {
  const byPlace = new Map(records.map((record) => [eventId(record.stream, record.sequence), record]));
  const data: CloudEvent[] = [];
  let reached: number | null = null;
  let bytes = 0;
  for (const { position, stream, sequence } of items) {
    const record = byPlace.get(eventId(stream, sequence));
    const event = record && cloudEvent(record);
    bytes += event ? sizeInAnswer(event) : 0;
    if (bytes > MAX_ANSWER && data.length > 0) break;
    if (event) data.push(event);
    reached = position;
  }
  return { data, reached };
}
