import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { toBase64 } from '../tlog/base64.ts';
import { parseCheckpoint } from '../tlog/checkpoint.ts';
import { emptyRoot } from '../tlog/merkle.ts';
import { parseNote } from '../tlog/note.ts';
import { BATCHES, indexText } from './keys.ts';
import { logBatches } from './log-batches.ts';
import { logHead } from './log-head.ts';
import type { Range } from './log-plan.ts';

/** A published checkpoint: how many leaves stood then, their root (base64, as in the signed note), and since when. */
export interface PublishedCheckpoint {
  size: number;
  root: string;
  /** Null for the log that is still empty. */
  time: string | null;
}

export interface LogCheckpoints {
  /** The newest that is published. */
  newest(): Promise<PublishedCheckpoint & { note: string | null }>;
  /** The one of this size; undefined where none was published. */
  at(size: number): Promise<PublishedCheckpoint | undefined>;
  /** The part of a range in which everything recorded from `from` on and before `to` stands, among other things. */
  within(range: Range, from: string | undefined, to: string | undefined): Promise<Range>;
}

export function logCheckpoints(client: DynamoDBClient, table: string): LogCheckpoints {
  const batches = logBatches(client, table);
  const head = logHead(client, table);
  /** The batch that holds an index, or the last before it. */
  const batchAt = async (index: number) => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :batches AND sk <= :index',
        ExpressionAttributeValues: { ':batches': { S: BATCHES }, ':index': { S: indexText(index) } },
        ScanIndexForward: false,
        Limit: 1,
      }),
    );
    return Items[0];
  };
  const since = async (time: string) => (await batches.indexAt(time)) ?? Number.POSITIVE_INFINITY;

  return {
    async newest() {
      const batch = await batchAt(Number.MAX_SAFE_INTEGER);
      if (!batch) return { size: 0, root: toBase64(emptyRoot()), time: null, note: null };
      return { ...published(batch), note: batch['note']?.S ?? '' };
    },
    async at(size) {
      if (size === 0) return { size, root: toBase64(emptyRoot()), time: null };
      const batch = await batchAt(size - 1);
      return batch && Number(batch['size']?.N) === size ? published(batch) : undefined;
    },
    async within({ lo, hi }, from, to) {
      const [first, end] = await Promise.all([
        // A batch is published after everything in it was recorded.
        from === undefined ? lo : since(from),
        to === undefined ? hi : head.read().then((read) => since(later(to, read?.maxDelayMs ?? 0))),
      ]);
      return { lo: Math.max(lo, first), hi: Math.min(hi, end) };
    },
  };
}

/** No entry of a batch from then on was recorded before `time`: none ever waited longer. Times sort as texts up to the year 9999. */
const later = (time: string, wait: number): string =>
  new Date(Math.min(LAST_TIME, Date.parse(time) + wait)).toISOString();
const LAST_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

function published(batch: Record<string, AttributeValue>): PublishedCheckpoint {
  const note = parseNote(batch['note']?.S ?? '');
  const read = note.ok ? parseCheckpoint(note.note.text) : note;
  if (!read.ok) throw new Error(`the checkpoint of a batch can not be read: ${read.reason}`);
  const { size, root } = read.checkpoint;
  return { size, root: toBase64(root), time: batch['time']?.S ?? null };
}
