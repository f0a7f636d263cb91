import type { EventRecord } from '../../../shared/record/event-record.ts';
import { isTrailStream, ROLLUPS_STREAM } from '../../../shared/record/streams.ts';
import type { Commitments } from '../../../shared/store/commitments.ts';
import type { Events } from '../../../shared/store/events.ts';
import type { LogStreams } from '../../../shared/store/log-streams.ts';
import type { Responses } from '../../../shared/store/responses.ts';
import { ahead } from './export-ahead.ts';
import type { Chunk, Writing } from './export-chunk.ts';

export interface RecordsNeeds {
  commitments: Pick<Commitments, 'ofResponse'>;
  responses: Pick<Responses, 'all'>;
  streams: Pick<LogStreams, 'all'>;
  /** The records of a stream, whichever kind it holds. */
  recordsOf(stream: string): Pick<Events, 'after'>;
}

const PAGE = 200;
const STREAMS_AHEAD = 16;
const CHUNK_BYTES = 512 * 1024;

/**
 * Every record of every stream, with its texts and their salts where they were not redacted: streams by name, records in order. The
 * streams are those that the log knows, and those that the commitments and responses say there are.
 */
export const recordsOf = (needs: RecordsNeeds): Writing => ({
  name: 'records.jsonl',
  type: 'application/jsonl',
  shown: false,
  async *from(position) {
    const [stream = '', sequence = '0'] = (position ?? []) as readonly string[];
    const names = await namesOf(needs);
    const rest = names.filter((name) => name >= stream);
    const behind = (name: string): number => (name === stream ? Number(sequence) : 0);
    const first = ahead(rest, STREAMS_AHEAD, async (name) => ({
      name,
      page: await needs.recordsOf(name).after(name, behind(name), PAGE),
    }));
    let lines: string[] = [];
    let bytes = 0;
    let last: EventRecord | undefined;
    let done = names.length - rest.length;
    const chunk = (): Chunk => {
      const written = {
        bytes: Buffer.from(lines.join('')),
        rows: lines.length,
        after: last ? [last.stream, String(last.sequence)] : [stream, sequence],
        progress: done / names.length,
      };
      [lines, bytes] = [[], 0];
      return written;
    };
    for await (const { name, page } of first) {
      for (let records = page; records.length > 0; ) {
        for (const record of records) {
          const line = `${JSON.stringify(record)}\n`;
          lines.push(line);
          bytes += line.length;
          last = record;
          if (bytes >= CHUNK_BYTES) yield chunk();
        }
        if (records.length < PAGE) break;
        records = await needs.recordsOf(name).after(name, last?.sequence ?? 0, PAGE);
      }
      done += 1;
    }
    if (lines.length > 0) yield chunk();
  },
});

async function namesOf({ streams, responses, commitments }: RecordsNeeds): Promise<string[]> {
  const names = new Set([ROLLUPS_STREAM]);
  for await (const { stream } of streams.all()) names.add(stream);
  for (const { id } of await responses.all()) {
    names.add(id);
    for (const { card } of await commitments.ofResponse(id)) names.add(card.id);
  }
  return [...names].sort();
}

export const kindOf = (stream: string): 'event' | 'refusal' => (isTrailStream(stream) ? 'refusal' : 'event');
