import { randomUUID } from 'node:crypto';
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { countDay, type Manifesting } from '../../../../functions/audit/manifest/manifest-day.ts';
import { sources } from '../../../../functions/audit/manifest/manifest-sources.ts';
import { recordStream } from '../../../../functions/audit/record/record-stream.ts';
import { sha256 } from '../../../../shared/record/canonical.ts';
import type { EventRecord } from '../../../../shared/record/event-record.ts';
import { auditEntries } from '../../../../shared/store/audit-entries.ts';
import { eventItem, events } from '../../../../shared/store/events.ts';
import { eventKey, pendingSk } from '../../../../shared/store/keys.ts';
import { logStreams } from '../../../../shared/store/log-streams.ts';
import { progressing, putRecords } from '../../../kit/records.ts';
import { startWorld, type World } from '../sequence/log-world.ts';

let world: World;
let hinted: EventRecord[];
let now: string;
beforeEach(async () => {
  world = await startWorld();
  hinted = [];
  now = '2026-11-24T12:00:00.000Z';
  world.clock.now = () => now;
});
afterEach(() => world.stop());

const deps = (): Manifesting => {
  const { client, tables } = world.mine;
  const streams = logStreams(client, tables.log);
  return {
    ...world.desk(),
    entries: auditEntries(client, tables.audit),
    streams,
    sources: sources(client, tables.commands, streams),
    hint: async (records) => {
      hinted.push(...records);
    },
  };
};

const record = (stream: string, upTo: number) =>
  recordStream(stream, [upTo], {
    ...deps(),
    recordsOf: () => events(world.mine.client, world.mine.tables.commands),
  });

/** A stream whose records are in the trail and in the log. */
async function given(count: number): Promise<EventRecord[]> {
  const records = progressing(`cmt_${randomUUID()}`, count);
  await putRecords(world.mine.client, world.mine.tables.commands, records);
  await record(records[0]?.stream ?? '', count);
  await world.all();
  return records;
}

const fileOf = (day: string): string =>
  Buffer.from(world.objects.objects.get(`manifests/${day}`) ?? []).toString();

it('counts every stream once a day, and puts the count into the log', async () => {
  const [a, b] = [await given(3), await given(2)];
  expect(await countDay(deps())).toEqual(['2026-11-24']);
  expect(await countDay(deps())).toEqual([]);
  const lines = [a, b]
    .map((records) => records.at(-1))
    .map((last) => `${JSON.stringify([last?.stream, last?.sequence, last?.hash])}\n`)
    .sort();
  expect(fileOf('2026-11-24')).toBe(lines.join(''));
  await world.all();
  const log = await world.read();
  expect(log.filter(({ manifest }) => manifest)).toMatchObject([
    {
      stream: 'manifests',
      sequence: 1,
      action: 'manifest',
      observer: 'audit-manifest',
      manifest: {
        day: '2026-11-24',
        streams: 2,
        records: 5,
        sha256: sha256(lines.join('')),
        logSize: 5,
        batches: 2,
      },
    },
  ]);
  expect(world.findings()).toEqual([]);
  expect(hinted).toEqual([]);
});

it('goes on where one stopped between a file and its entry, and makes up for days that nobody counted', async () => {
  await given(1);
  await countDay({
    ...deps(),
    entries: { ...deps().entries, put: () => Promise.reject(new Error('killed')) },
  }).catch(() => undefined);
  const first = fileOf('2026-11-24');
  expect(first).not.toBe('');
  now = '2026-11-26T09:00:00.000Z';
  await given(1);
  now = '2026-11-28T09:00:00.000Z';
  expect(await countDay(deps())).toEqual(['2026-11-24', '2026-11-26', '2026-11-28']);
  expect(fileOf('2026-11-24')).toBe(first);
  await world.all();
  const counted = (await world.read()).flatMap(({ manifest }) => manifest ?? []);
  expect(counted.map(({ day, sha256: hash }) => [day, hash])).toEqual(
    ['2026-11-24', '2026-11-26', '2026-11-28'].map((day) => [day, sha256(fileOf(day))]),
  );
});

it('hints at records that the trail lacks, and marks again what the log lacks', async () => {
  const { client, tables } = world.mine;
  const records = await given(1);
  const stream = records[0]?.stream ?? '';
  const more = progressing(stream, 3);
  await putRecords(client, tables.commands, more);
  await record(stream, 2);
  const { entries } = deps();
  const second = await entries.one(stream, 2);
  const marker = pendingSk(second?.recordedAt ?? '', { pk: stream, sk: 'A#0000000002' });
  await world.desk().pending.remove([marker]);
  await record(stream, 3);
  const third = await entries.one(stream, 3);
  await world.desk().pending.remove([pendingSk(third?.recordedAt ?? '', { pk: stream, sk: 'A#0000000003' })]);
  const unheard = progressing('rollups', 1);
  await putRecords(client, tables.commands, unheard);

  await countDay(deps());
  expect(hinted.map((one) => [one.stream, one.sequence])).toEqual([['rollups', 1]]);
  await world.all();
  const log = await world.read();
  expect(log.filter((entry) => entry.stream === stream).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  expect(world.findings()).toEqual([]);
});

it('tells what the records lost since they were sequenced: a tail, a whole stream, another record', async () => {
  const { client, tables } = world.mine;
  const [cut, gone, forked] = [await given(3), await given(2), await given(2)];
  const remove = (one: EventRecord | undefined) => {
    const { pk, sk } = eventKey(one?.stream ?? '', one?.sequence ?? 0);
    return client.send(
      new DeleteItemCommand({ TableName: tables.commands, Key: { pk: { S: pk }, sk: { S: sk } } }),
    );
  };
  await remove(cut[2]);
  for (const one of gone) await remove(one);
  const other = forked[1] as EventRecord;
  const bytes = other.bytes.replace('per_worker', 'per_other');
  await client.send(
    new PutItemCommand({
      TableName: tables.commands,
      Item: eventItem({ ...other, bytes, hash: sha256(bytes) }),
    }),
  );
  await countDay(deps());
  await world.all();
  const found = (await world.read()).filter(({ finding }) => finding);
  expect(
    found
      .map(({ target, code, sequence, finding, observer }) => [
        target.id,
        code,
        sequence,
        finding?.to,
        observer,
      ])
      .sort(),
  ).toEqual(
    [
      [cut[0]?.stream, 'gap', 3, 3, 'audit-manifest'],
      [gone[0]?.stream, 'gap', 1, 2, 'audit-manifest'],
      [forked[0]?.stream, 'fork', 2, 2, 'audit-manifest'],
    ].sort(),
  );
});
