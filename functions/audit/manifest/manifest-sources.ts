import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isTrailStream, MANIFESTS_STREAM, ROLLUPS_STREAM } from '../../../shared/record/streams.ts';
import { commitments } from '../../../shared/store/commitments.ts';
import { type Events, events } from '../../../shared/store/events.ts';
import type { LogStreams } from '../../../shared/store/log-streams.ts';
import { responses } from '../../../shared/store/responses.ts';

/** Where the records come from that the trail is made of. */
export interface Sources {
  /** The names of all streams that hold records, or that the log says held some. */
  names(): Promise<string[]>;
  recordsOf(stream: string): Pick<Events, 'one' | 'last'>;
}

/** Walks the streams by the lists that name them: those of responses and of their commitments, and that of the log. No table is scanned. */
export function sources(client: DynamoDBClient, table: string, streams: Pick<LogStreams, 'all'>): Sources {
  const stores = { responses: responses(client, table), commitments: commitments(client, table) };
  const records = { event: events(client, table), refusal: events(client, table, 'refusal') };
  return {
    async names() {
      const names = new Set([ROLLUPS_STREAM]);
      for (const { id } of await stores.responses.all()) {
        names.add(id);
        for (const { card } of await stores.commitments.ofResponse(id)) names.add(card.id);
      }
      for await (const { stream } of streams.all()) names.add(stream);
      // Manifests are made from no records.
      names.delete(MANIFESTS_STREAM);
      return [...names];
    },
    recordsOf: (stream) => records[isTrailStream(stream) ? 'refusal' : 'event'],
  };
}
