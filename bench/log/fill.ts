import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { logItemOf } from '../../functions/audit/sequence/publish-items.ts';
import { keyOf, rowOf } from '../../shared/store/audit-entries.ts';
import { type Batch, logBatches } from '../../shared/store/log-batches.ts';
import { logHead } from '../../shared/store/log-head.ts';
import { logItemRow } from '../../shared/store/log-items.ts';
import { CompactRange, leafHash } from '../../shared/tlog/merkle.ts';
import { checkpointOf, newKeys } from '../../test/kit/log-maker.ts';
import { BATCH } from './made-log.ts';
import { bytesAt, entryAt, recordedAt } from './made-trail.ts';
import type { Tables } from './tables.ts';

/** Two items an entry, and BatchWriteItem takes 25. */
const AT_ONCE = 12;
const IN_FLIGHT = 6;
const SAY_EACH = 50_000;

export interface Filled {
  /** How many there are; fewer than were asked for where the time was over. */
  size: number;
  seconds: number;
}

/**
 * Fills the tables with the made-up trail as it stands once the sequencer has been there: entries, log items, batches, head. The items
 * are those of the product's own encoders, written in bulk.
 */
export async function fillTrail(
  client: DynamoDBClient,
  tables: Pick<Tables, 'audit' | 'log'>,
  size: number,
  { within, say }: { within: number; say(line: string): void },
): Promise<Filled> {
  const began = performance.now();
  const keys = newKeys();
  const range = new CompactRange();
  const batches: { size: number; root: Uint8Array }[] = [];
  const over = () => range.size >= size || (performance.now() - began > within && range.size % BATCH === 0);

  /** The items of the next entries: the leaves come into the tree in their order, whoever writes them. */
  function next(): WriteRequest[] {
    const items: WriteRequest[] = [];
    for (let n = 0; n < AT_ONCE && !over(); n++) {
      const index = range.size;
      const [entry, bytes] = [entryAt(index), bytesAt(index)];
      const leaf = leafHash(Buffer.from(bytes));
      const { pk, sk } = rowOf(bytes);
      const item = logItemOf({ key: keyOf(entry), entry, bytes }, index, leaf);
      items.push(
        { PutRequest: { Item: { pk: { S: pk }, sk: { S: sk }, bytes: { S: bytes } } } },
        { PutRequest: { Item: logItemRow(item) } },
      );
      range.append(leaf);
      if (range.size % BATCH === 0) batches.push({ size: range.size, root: range.root() });
      if (range.size % SAY_EACH === 0)
        say(`${range.size.toLocaleString('en')} after ${Math.round((performance.now() - began) / 1000)} s`);
    }
    return items;
  }

  const worker = async () => {
    for (let items = next(); items.length > 0; items = next()) {
      const { UnprocessedItems } = await client.send(
        new BatchWriteItemCommand({ RequestItems: { [tables.audit]: items } }),
      );
      if (Object.keys(UnprocessedItems ?? {}).length > 0) throw new Error('a batch was not written whole');
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));

  let last: Batch | undefined;
  for (const { size: covered, root } of batches) {
    last = batchOf(covered, await checkpointOf(covered, root, keys, null));
    await logBatches(client, tables.log).put(last);
  }
  const { time = '', note = '', maxDelayMs = 0 } = last ?? {};
  const head = { size: range.size, root: range.root(), range: range.hashes(), published: range.size };
  await logHead(client, tables.log).advance(null, { ...head, note, time, maxDelayMs });
  return { size: range.size, seconds: (performance.now() - began) / 1000 };
}

/** Milliseconds from the newest entry of a batch to its checkpoint. */
const PUBLISHED_AFTER_MS = 1500;

function batchOf(size: number, note: string): Batch {
  const first = size - BATCH;
  const maxRecordedAt = recordedAt(size - 1);
  const time = new Date(Date.parse(maxRecordedAt) + PUBLISHED_AFTER_MS).toISOString();
  const delayMs = Date.parse(time) - Date.parse(recordedAt(first));
  return { first, size, time, maxRecordedAt, delayMs, maxDelayMs: delayMs, note };
}
