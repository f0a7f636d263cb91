import type { BusMessage } from '../../shared/lambda/queue.ts';
import type { EventRecord, Hashed } from '../../shared/record/event-record.ts';
import type { Log } from '../../shared/runtime/log.ts';
import type { Events } from '../../shared/store/events.ts';
import { type Feed, MAX_APPEND, type Unplaced } from '../../shared/store/feed.ts';

export interface Appender {
  feed: Pick<Feed, 'head' | 'fedUpTo' | 'append'>;
  events: Pick<Events, 'after'>;
  log: Log;
}

/** There is one writer at a time; where there are two for a moment, one of them wins each round. */
const ATTEMPTS = 50;

/**
 * Appends what a batch of messages hints at: each stream's records after those that are in the feed already, in order, so that an
 * event stands behind its predecessor whatever the order of the messages.
 * @throws Error where nothing could be appended: the whole batch comes again.
 */
export async function appendBatch(messages: readonly BusMessage[], deps: Appender): Promise<string[]> {
  const streams = [...new Set(messages.map(({ event }) => event.subject))];
  let lost = 0;
  for (;;) {
    // The head is read first: whatever another writer appends from now on makes it another, and ours is refused.
    const head = await deps.feed.head();
    const items = await unfed(streams, deps);
    if (items.length === 0) return [];
    if (!(await deps.feed.append(head, items)) && ++lost === ATTEMPTS)
      throw new Error(`lost the head of the feed ${lost} times`);
  }
}

/** What comes next of each stream, as much as one transaction takes. */
async function unfed(streams: readonly string[], { feed, events, log }: Appender): Promise<Unplaced[]> {
  const found = await Promise.all(
    streams.map(async (stream) => {
      const fed = await feed.fedUpTo(stream);
      return succession(stream, fed, await events.after(stream, fed, MAX_APPEND), log);
    }),
  );
  return found.flat().slice(0, MAX_APPEND);
}

/** The records that follow one another. A hole in a stream is somebody's doing: the feed waits there, and the trail tells of it. */
function succession(stream: string, fed: number, records: readonly EventRecord[], log: Log): Unplaced[] {
  const items: Unplaced[] = [];
  for (const { sequence, bytes } of records) {
    const type = typeOf(bytes);
    if (sequence !== fed + items.length + 1 || type === null) {
      log.error('the feed waits', { stream, after: fed + items.length, found: sequence });
      break;
    }
    items.push({ stream, sequence, type });
  }
  return items;
}

function typeOf(bytes: string): string | null {
  try {
    return (JSON.parse(bytes) as Hashed).type || null;
  } catch {
    return null;
  }
}
