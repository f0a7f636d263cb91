import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchWriteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { logItemOf } from '../../functions/audit/sequence/publish-items.ts';
import { sequenceAll } from '../../functions/audit/sequence/sequence-all.ts';
import { startDynamoDb } from '../../local/services/dynamodb.ts';
import { freePort } from '../../local/services/ports.ts';
import { inParallel } from '../../shared/runtime/parallel.ts';
import { keyOf, rowOf } from '../../shared/store/audit-entries.ts';
import { PENDING, pendingSk } from '../../shared/store/keys.ts';
import { logItemRow } from '../../shared/store/log-items.ts';
import { logObjects } from '../../shared/store/log-objects.ts';
import { leafHash } from '../../shared/tlog/merkle.ts';
import { startObjectStore } from '../../test/kit/object-store.ts';
import type { Measure } from '../measure.ts';
import { row } from '../row.ts';
import { interleave, percentile, ratios } from '../spread.ts';
import { clientOf } from '../tables.ts';
import { deskOf } from './desk.ts';
import { bytesAt, entryAt } from './made-trail.ts';
import { createTables, type Tables } from './tables.ts';

/** Entries a round: several batches of the sequencer, whole windows of the made-up trail. */
const ENTRIES = 2000;
const QUICK = 1000;
/** As many as the sequencer puts at once. */
const IN_FLIGHT = 25;
/** Entries that come into the log each by itself. */
const ALONE = 20;

/** The sequencer on DynamoDB Local and on the local object store, against as many bare conditional puts. */
export const logSequence: Measure = async ({ quick, say }) => {
  const count = quick ? QUICK : ENTRIES;
  const dataDir = mkdtempSync(join(tmpdir(), 'followthrough-bench-'));
  const [database, store] = await Promise.all([
    startDynamoDb({ dataDir, port: await freePort() }),
    startObjectStore('log'),
  ]);
  const client = clientOf(database.url);
  try {
    const tables = await createTables(client, 'log');
    const bare = await createTables(client, 'bare');
    const deps = deskOf(client, tables, logObjects('log', store.client));
    let recorded = 0;
    const record = async (more: number): Promise<void> => {
      await recordSome(client, tables, recorded, more);
      recorded += more;
    };
    const sequence = async (): Promise<number> => {
      await record(count);
      const began = performance.now();
      const entries = await sequenceAll(deps);
      if (entries !== count) throw new Error(`${entries} of ${count} came into the log`);
      return (count / (performance.now() - began)) * 1000;
    };
    let put = 0;
    const puts = async (): Promise<number> => {
      const items = Array.from({ length: count }, (_, at) => logItemAt(put + at));
      put += count;
      const began = performance.now();
      await inParallel(items, IN_FLIGHT, (Item) =>
        client.send(
          new PutItemCommand({
            TableName: bare.audit,
            Item,
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        ),
      );
      return (count / (performance.now() - began)) * 1000;
    };
    say(`rounds of ${count} entries`);
    await interleave(1, { sequence, puts });
    const found = await interleave(quick ? 1 : 4, { sequence, puts });

    say('one entry at a time');
    const alone: number[] = [];
    for (let n = 0; n < ALONE; n++) {
      await record(1);
      const began = performance.now();
      await sequenceAll(deps);
      alone.push(performance.now() - began);
    }
    return [
      row({
        name: 'sequencing',
        unit: 'entries/s',
        figures: found.sequence,
        floor: { name: 'conditional puts/s of the same log items', values: found.puts },
        ratios: ratios(found.sequence, found.puts),
        note: `${count.toLocaleString('en')} entries a round, up to 1,000 a batch; no witness`,
      }),
      row({
        name: 'one entry into the log by itself, p50',
        unit: 'ms',
        figures: [percentile(alone, 50)],
        note: `p99 ${percentile(alone, 99).toFixed(0)} ms; once the sequencer has been called`,
      }),
    ];
  } finally {
    client.destroy();
    await Promise.all([database.stop(), store.stop()]);
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
};

function logItemAt(index: number) {
  const [entry, bytes] = [entryAt(index), bytesAt(index)];
  return logItemRow(logItemOf({ key: keyOf(entry), entry, bytes }, index, leafHash(Buffer.from(bytes))));
}

/** 25 items a call. */
const BATCH = 25;

/** The entries from an index on, each with its marker, as the recorder leaves them. */
async function recordSome(
  client: DynamoDBClient,
  { audit, log }: Tables,
  first: number,
  count: number,
): Promise<void> {
  const indices = Array.from({ length: count }, (_, at) => first + at);
  const batches = Array.from({ length: Math.ceil(count / BATCH) }, (_, at) =>
    indices.slice(at * BATCH, (at + 1) * BATCH),
  );
  await inParallel(batches, 4, async (batch) => {
    await write(
      client,
      audit,
      batch.map((index) => rowOf(bytesAt(index))),
    );
    await write(client, log, batch.map(markerAt));
  });
}

function markerAt(index: number): Record<string, string> {
  const entry = entryAt(index);
  const { pk, sk } = keyOf(entry);
  return { pk: PENDING, sk: pendingSk(entry.recordedAt, { pk, sk }), stream: pk, place: sk };
}

async function write(
  client: DynamoDBClient,
  table: string,
  items: readonly Record<string, string>[],
): Promise<void> {
  const requests = items.map(
    (item): WriteRequest => ({
      PutRequest: { Item: Object.fromEntries(Object.entries(item).map(([name, S]) => [name, { S }])) },
    }),
  );
  const { UnprocessedItems } = await client.send(
    new BatchWriteItemCommand({ RequestItems: { [table]: requests } }),
  );
  if (Object.keys(UnprocessedItems ?? {}).length > 0) throw new Error('a batch was not written whole');
}
