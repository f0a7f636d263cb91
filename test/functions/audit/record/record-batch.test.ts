import { randomUUID } from 'node:crypto';
import {
  DeleteItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordBatch } from '../../../../functions/audit/record/record-batch.ts';
import { FINDING } from '../../../../functions/audit/record/record-finding.ts';
import type { Recorder } from '../../../../functions/audit/record/record-stream.ts';
import { canonical, sha256 } from '../../../../shared/record/canonical.ts';
import type { EventRecord, Hashed } from '../../../../shared/record/event-record.ts';
import { integrityStream, isTrailStream } from '../../../../shared/record/streams.ts';
import { acts } from '../../../../shared/store/acts.ts';
import { auditEntries, keyOf } from '../../../../shared/store/audit-entries.ts';
import { eventItem, events } from '../../../../shared/store/events.ts';
import { eventKey } from '../../../../shared/store/keys.ts';
import { logItems } from '../../../../shared/store/log-items.ts';
import { logPending } from '../../../../shared/store/log-pending.ts';
import { refusals } from '../../../../shared/store/refusals.ts';
import { columnsOf } from '../../../../shared/trail/columns.ts';
import type { AuditEntry } from '../../../../shared/trail/entry.ts';
import { clientOf, startTables, type Tables } from '../../../kit/dynamodb.ts';
import { type Fault, startFaultyDynamoDb } from '../../../kit/faulty-dynamodb.ts';
import { logged, messageOf, progressing, putRecords } from '../../../kit/records.ts';

let mine: Tables;
beforeAll(async () => {
  mine = await startTables();
});
afterAll(() => mine.stop());

function recorder() {
  const { client, tables } = mine;
  const { log, lines } = logged();
  let hints = 0;
  const deps: Recorder & { hint(): Promise<void> } = {
    entries: auditEntries(client, tables.audit),
    items: logItems(client, tables.audit),
    pending: logPending(client, tables.log),
    hint: async () => {
      hints++;
    },
    recordsOf: (stream) => events(client, tables.commands, isTrailStream(stream) ? 'refusal' : 'event'),
    clock: () => new Date().toISOString(),
    log,
  };
  return { deps, lines, hints: () => hints };
}

/** Everything in a partition of the audit table, as it stands there. */
async function trailOf(stream: string): Promise<AuditEntry[]> {
  const { Items = [] } = await mine.client.send(
    new QueryCommand({
      TableName: mine.tables.audit,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :stream',
      ExpressionAttributeValues: { ':stream': { S: stream } },
    }),
  );
  for (const item of Items) {
    const { bytes, ...rest } = Object.fromEntries(
      Object.entries(item).map(([name, { S = '' }]) => [name, S]),
    );
    expect(rest).toEqual(keyOf(JSON.parse(bytes ?? '')));
    expect(canonical(JSON.parse(bytes ?? ''))).toBe(bytes);
  }
  return Items.map((item) => JSON.parse(item['bytes']?.S ?? '') as AuditEntry);
}

const hintAt = (records: readonly EventRecord[], sequence: number, id = `m${sequence}`) => {
  const record = records[sequence - 1];
  if (!record) throw new RangeError(`no record ${sequence}`);
  return messageOf(record, id);
};

async function given(count: number): Promise<EventRecord[]> {
  const records = progressing(`cmt_${randomUUID()}`, count);
  await putRecords(mine.client, mine.tables.commands, records);
  return records;
}

describe('recording', () => {
  it('makes one entry of each record, with its hash, its link and what it changed', async () => {
    const records = await given(2);
    const { deps, lines } = recorder();
    expect(await recordBatch([hintAt(records, 2)], deps)).toEqual([]);
    const stream = records[0]?.stream ?? '';
    const entries = await trailOf(stream);
    expect(entries).toMatchObject([
      {
        v: 1,
        stream,
        sequence: 1,
        eventId: `${stream}/1`,
        commandId: 'cmd_1',
        correlation: 'req_1',
        action: 'report-progress',
        outcome: 'success',
        actor: { id: 'per_worker', role: 'focal-point' },
        target: { type: 'commitment', id: stream },
        claimedAt: '2026-11-24T10:00:00.000Z',
        recordHash: records[0]?.hash,
        previousHash: null,
        changes: [{ op: 'replace', path: '/progress', value: 1 }],
      },
      { sequence: 2, recordHash: records[1]?.hash, previousHash: records[0]?.hash },
    ]);
    expect(JSON.stringify(entries)).not.toContain('It moves');
    expect(lines).toEqual([]);
  });

  it('makes entries of refusals, in the stream of their target', async () => {
    const { client, tables } = mine;
    const id = `cmt_${randomUUID()}`;
    const refused = await Promise.all(
      [1, 2, 3].map((n) =>
        refusals(client, tables.commands).record({
          target: { type: 'commitment', id },
          action: 'verify',
          code: 'self-verification',
          status: 403,
          route: 'POST /v1/commitments/{id}/verifications',
          actor: { id: 'per_worker', role: 'verifier' },
          time: '2026-11-24T10:00:00.000Z',
          commandId: `cmd_${n}`,
          correlation: 'req_1',
        }),
      ),
    );
    const { deps, lines } = recorder();
    const last = refused.find(({ sequence }) => sequence === 3);
    expect(await recordBatch([messageOf(last as EventRecord, 'm1')], deps)).toEqual([]);
    const entries = await trailOf(`refusals.${id}`);
    expect(entries.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(entries[0]).toMatchObject({
      action: 'verify',
      outcome: 'refused',
      code: 'self-verification',
      target: { type: 'commitment', id },
    });
    expect(entries[0]).not.toHaveProperty('eventId');
    expect(lines).toEqual([]);
  });

  it('makes entries of acts, which succeeded and have no event', async () => {
    const { client, tables } = mine;
    const id = `sub_${randomUUID()}`;
    const put = await acts(client, tables.commands).put({
      target: { type: 'subscription', id },
      action: 'create-subscription',
      route: 'POST /v1/subscriptions',
      actor: { id: 'per_worker', role: 'auditor' },
      time: '2026-11-24T10:00:00.000Z',
      commandId: 'cmd_1',
      correlation: 'req_1',
    });
    await client.send(new TransactWriteItemsCommand({ TransactItems: [put] }));
    const { deps, lines } = recorder();
    const record = await events(client, tables.commands, 'refusal').last(`acts.${id}`);
    expect(await recordBatch([messageOf(record as EventRecord, 'm1')], deps)).toEqual([]);
    const [entry] = await trailOf(`acts.${id}`);
    expect(entry).toMatchObject({
      action: 'create-subscription',
      outcome: 'success',
      commandId: 'cmd_1',
      target: { type: 'subscription', id },
    });
    expect(entry).not.toHaveProperty('eventId');
    expect(lines).toEqual([]);
  });

  it('leaves exactly one entry a record after any order, repetition and competition of deliveries', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.array(fc.tuple(fc.nat(1), fc.nat(7)), { minLength: 1, maxLength: 6 }), {
          minLength: 1,
          maxLength: 6,
        }),
        async (count, batches) => {
          const streams = [await given(count), await given(count)];
          const { deps, lines } = recorder();
          const deliver = (batch: [number, number][]) =>
            recordBatch(
              batch.map(([which, n], index) => hintAt(streams[which] ?? [], 1 + (n % count), `m${index}`)),
              deps,
            );
          const hinted = batches as [number, number][][];
          for (let at = 0; at < hinted.length; at += 3)
            await Promise.all(hinted.slice(at, at + 3).map(deliver));
          await Promise.all([0, 1, 0].map((which) => deliver([[which, count - 1]])));
          for (const records of streams) {
            const entries = await trailOf(records[0]?.stream ?? '');
            expect(entries.map(({ recordHash }) => recordHash)).toEqual(records.map(({ hash }) => hash));
          }
          expect(lines).toEqual([]);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('makes one entry of each record though puts are throttled or lose their answers', async () => {
    const faulty = await startFaultyDynamoDb(mine.endpoint);
    const client = clientOf(faulty.endpoint);
    const { deps, lines } = recorder();
    const shaky: typeof deps = { ...deps, entries: auditEntries(client, mine.tables.audit) };
    const faults: (Fault | undefined)[] = ['lost-answer', undefined, 'throttle', 'lost-call'];
    let calls = 0;
    faulty.fault = (operation) => (operation === 'PutItem' ? faults[calls++ % faults.length] : undefined);
    const records = await given(4);
    for (let failed = ['m1']; failed.length > 0; )
      failed = await recordBatch([hintAt(records, 4, 'm1')], shaky);
    expect(calls).toBeGreaterThan(4);
    expect((await trailOf(records[0]?.stream ?? '')).map(({ recordHash }) => recordHash)).toEqual(
      records.map(({ hash }) => hash),
    );
    expect(lines.filter(({ message }) => message === FINDING)).toEqual([]);
    client.destroy();
    await faulty.stop();
  });

  it('asks for the messages of a stream again that could not be recorded, and records the others', async () => {
    const [broken, whole] = [await given(1), await given(1)];
    const { deps } = recorder();
    const flaky: typeof deps = {
      ...deps,
      recordsOf: (stream) => {
        if (stream === broken[0]?.stream) throw new Error('throttled');
        return deps.recordsOf(stream);
      },
    };
    const failed = await recordBatch(
      [hintAt(broken, 1, 'a'), hintAt(whole, 1, 'b'), hintAt(broken, 1, 'c')],
      flaky,
    );
    expect(failed.sort()).toEqual(['a', 'c']);
    expect(await trailOf(whole[0]?.stream ?? '')).toHaveLength(1);
  });
});

describe('marking for the log', () => {
  const waiting = async (stream: string) =>
    (await logPending(mine.client, mine.tables.log).after(null, 10_000))
      .filter(({ key }) => key.pk === stream)
      .map(({ marker }) => marker.slice(25));

  it('marks each entry once, and hints once a batch', async () => {
    const records = await given(3);
    const stream = records[0]?.stream ?? '';
    const { deps, hints } = recorder();
    await recordBatch([hintAt(records, 2), hintAt(records, 3)], deps);
    await recordBatch([hintAt(records, 3)], deps);
    expect(await waiting(stream)).toEqual([1, 2, 3].map((n) => `${stream}#A#000000000${n}`));
    expect(hints()).toBe(2);
  });

  it('marks again what stands and has no place in the log, and nothing that has one', async () => {
    const records = await given(3);
    const stream = records[0]?.stream ?? '';
    const { deps } = recorder();
    await recordBatch([hintAt(records, 3)], deps);
    const pending = logPending(mine.client, mine.tables.log);
    const markers = (await pending.after(null, 10_000)).filter(({ key }) => key.pk === stream);
    await pending.remove(markers.map(({ marker }) => marker));
    const placed = { entry: { pk: stream, sk: 'A#0000000002' }, index: 0, leaf: Buffer.alloc(32) };
    const second = (await trailOf(stream))[1] as AuditEntry;
    await logItems(mine.client, mine.tables.audit).put([{ ...placed, columns: columnsOf(second) }]);
    await recordBatch([hintAt(records, 1), hintAt(records, 2), hintAt(records, 3)], deps);
    expect(await waiting(stream)).toEqual([1, 3].map((n) => `${stream}#A#000000000${n}`));
  });

  it('goes on where it stopped between an entry and its mark', async () => {
    const records = await given(2);
    const stream = records[0]?.stream ?? '';
    const { deps } = recorder();
    const dying = { ...deps, pending: { put: () => Promise.reject(new Error('killed')) } };
    expect(await recordBatch([hintAt(records, 2)], dying)).toEqual(['m2']);
    expect(await recordBatch([hintAt(records, 1), hintAt(records, 2)], deps)).toEqual([]);
    expect(await waiting(stream)).toHaveLength(2);
  });

  it('records though nobody can be told', async () => {
    const records = await given(1);
    const { deps, lines } = recorder();
    const mute = { ...deps, hint: () => Promise.reject(new Error('no queue')) };
    expect(await recordBatch([hintAt(records, 1)], mute)).toEqual([]);
    expect(lines).toMatchObject([{ message: 'hinting failed' }]);
  });

  it('never says that an entry was recorded before the one before it, whatever the clock says', async () => {
    const records = await given(4);
    const times = [
      '2026-11-24T12:00:00.000Z',
      '2026-11-24T11:00:00.000Z',
      '2026-11-24T13:00:00.000Z',
      '2020-01-01T00:00:00.000Z',
    ];
    for (const [at, time] of times.entries()) {
      const { deps } = recorder();
      await recordBatch([hintAt(records, at + 1)], {
        ...deps,
        clock: () => time,
        recordsOf: (stream) => upTo(deps.recordsOf(stream), at + 1),
      });
    }
    expect(
      (await trailOf(records[0]?.stream ?? '')).map(({ recordedAt }) => recordedAt.slice(11, 13)),
    ).toEqual(['12', '12', '13', '13']);
  });

  /** Records up to a sequence, as if the others were still to come. */
  const upTo = (
    records: ReturnType<Recorder['recordsOf']>,
    last: number,
  ): ReturnType<Recorder['recordsOf']> => ({
    one: records.one,
    after: async (...asked) => (await records.after(...asked)).filter(({ sequence }) => sequence <= last),
  });
});

describe('tampering with the records', () => {
  const remove = (record: EventRecord | undefined) => {
    const { pk, sk } = eventKey(record?.stream ?? '', record?.sequence ?? 0);
    return mine.client.send(
      new DeleteItemCommand({ TableName: mine.tables.commands, Key: { pk: { S: pk }, sk: { S: sk } } }),
    );
  };
  const replace = (record: EventRecord) =>
    mine.client.send(new PutItemCommand({ TableName: mine.tables.commands, Item: eventItem(record) }));
  /** Another history, with a hash that fits it. */
  const rewritten = (record: EventRecord | undefined, change: Partial<Hashed>): EventRecord => {
    if (!record) throw new RangeError('nothing to rewrite');
    const bytes = canonical({ ...(JSON.parse(record.bytes) as Hashed), ...change });
    return { ...record, bytes, hash: sha256(bytes) };
  };
  const findingsOf = (records: EventRecord[]) => trailOf(integrityStream(records[0]?.stream ?? ''));

  it('a record that is missing is a gap, found once; what follows is recorded', async () => {
    const records = await given(4);
    await remove(records[1]);
    await remove(records[2]);
    const { deps, lines } = recorder();
    for (const sequence of [4, 4, 4])
      expect(await recordBatch([hintAt(records, sequence)], deps)).toEqual([]);
    expect(await findingsOf(records)).toMatchObject([
      {
        action: 'integrity-finding',
        outcome: 'failed',
        code: 'gap',
        sequence: 2,
        target: { type: 'stream', id: records[0]?.stream },
        finding: { to: 3 },
      },
    ]);
    expect((await trailOf(records[0]?.stream ?? '')).map(({ sequence }) => sequence)).toEqual([1, 4]);
    expect(lines[0]).toMatchObject({ message: FINDING, fields: { code: 'gap' } });
  });

  it('a record that comes back into its gap is recorded then', async () => {
    const records = await given(3);
    await remove(records[1]);
    const { deps } = recorder();
    await recordBatch([hintAt(records, 3)], deps);
    await replace(records[1] as EventRecord);
    await recordBatch([hintAt(records, 2)], deps);
    expect((await trailOf(records[0]?.stream ?? '')).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  it('a deleted end is a gap, before it was recorded and after', async () => {
    const records = await given(3);
    const { deps } = recorder();
    await recordBatch([hintAt(records, 2)], deps);
    await remove(records[2]);
    await recordBatch([hintAt(records, 3)], deps);
    await remove(records[1]);
    await recordBatch([hintAt(records, 2)], deps);
    expect((await findingsOf(records)).map(({ code, sequence }) => [code, sequence])).toEqual([
      ['gap', 2],
      ['gap', 3],
    ]);
  });

  it('a rewritten record is a fork, though its hash fits: at its next delivery, and at the next event', async () => {
    for (const hinted of [1, 2, 3]) {
      const records = progressing(`cmt_${randomUUID()}`, 3);
      await putRecords(mine.client, mine.tables.commands, records.slice(0, 2));
      const { deps, lines } = recorder();
      await recordBatch([hintAt(records, 2)], deps);
      const at = hinted === 1 ? 1 : 2;
      await replace(rewritten(records[at - 1], { actor: { id: 'per_other', role: 'focal-point' } }));
      await putRecords(mine.client, mine.tables.commands, records.slice(2));
      await recordBatch([hintAt(records, hinted)], deps);
      expect(await findingsOf(records)).toMatchObject([
        { code: 'fork', sequence: at, finding: { expected: records[at - 1]?.hash } },
      ]);
      const [first, second] = await trailOf(records[0]?.stream ?? '');
      expect([first?.actor.id, second?.actor.id]).toEqual(['per_worker', 'per_worker']);
      expect(lines.length).toBeGreaterThan(0);
    }
  });

  it('a record that continues another history is a fork', async () => {
    const records = await given(3);
    await replace(rewritten(records[1], { previousHash: sha256('another') }));
    const { deps } = recorder();
    await recordBatch([hintAt(records, 2)], deps);
    expect((await findingsOf(records)).map(({ code, sequence }) => [code, sequence])).toEqual([
      ['fork', 2],
      ['fork', 3],
    ]);
  });

  it('bytes that are not those that were hashed make no entry, but a finding; mended, they make theirs', async () => {
    const records = await given(3);
    const [, second] = records;
    if (!second) throw new RangeError('no second record');
    await replace({ ...second, bytes: second.bytes.replace('"progress":2', '"progress":99') });
    const { deps } = recorder();
    await recordBatch([hintAt(records, 2)], deps);
    await recordBatch([hintAt(records, 3)], deps);
    expect(await findingsOf(records)).toMatchObject([{ code: 'hash-mismatch', sequence: 2 }]);
    expect((await trailOf(second.stream)).map(({ sequence }) => sequence)).toEqual([1, 3]);
    await replace(second);
    await recordBatch([hintAt(records, 2)], deps);
    expect((await trailOf(second.stream)).map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });
});
