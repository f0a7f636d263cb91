import {
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogRefused } from '../../../../functions/audit/sequence/sequencer.ts';
import { keyOf } from '../../../../shared/store/audit-entries.ts';
import { logItemKey, PENDING, pendingSk } from '../../../../shared/store/keys.ts';
import { checkpointPath } from '../../../../shared/store/log-objects.ts';
import { formatCheckpoint } from '../../../../shared/tlog/checkpoint.ts';
import { CompactRange } from '../../../../shared/tlog/merkle.ts';
import { signNote } from '../../../../shared/tlog/note.ts';
import { tilePath } from '../../../../shared/tlog/tiles.ts';
import { type AuditEntry, encodeEntry } from '../../../../shared/trail/entry.ts';
import { testSigner } from '../../../kit/signer.ts';
import { entriesOf, ORIGIN, startWorld, type World } from './log-world.ts';

let world: World;
let client: DynamoDBClient;
let logTable: string;
let auditTable: string;
beforeEach(async () => {
  world = await startWorld();
  ({ client } = world.mine);
  logTable = world.mine.tables.log;
  auditTable = world.mine.tables.audit;
});
afterEach(() => world.stop());

const given = async (...entries: AuditEntry[]) => {
  for (const entry of entries) await world.take(entry);
};

const HEAD = { pk: { S: 'head' }, sk: { S: 'head' } };

describe('nothing is signed', () => {
  let signed = 0;
  const refuses = async (code: string) => {
    const { signer } = world;
    const sign = signer.sign;
    signed = 0;
    signer.sign = (message) => {
      signed++;
      return sign(message);
    };
    const published = [...world.objects.objects.keys()].length;
    await given(...entriesOf('cmt_late', 1));
    await expect(world.all()).rejects.toThrow(LogRefused);
    expect(world.findings()).toContain(code);
    expect(signed).toBe(0);
    expect([...world.objects.objects.keys()]).toHaveLength(published);
    // Nothing is lost: the entry waits, and the finding beside it.
    const waiting = await world.desk().pending.after(null, 10);
    expect(waiting.map(({ key }) => key.pk).sort()).toEqual(['cmt_late', 'integrity.log']);
  };

  it('behind a head that was rolled back', async () => {
    await given(...entriesOf('cmt_a', 2));
    await world.all();
    const before = await world.desk().head.read();
    await given(...entriesOf('cmt_b', 2));
    await world.all();
    if (!before) throw new Error('no head');
    await client.send(new DeleteItemCommand({ TableName: logTable, Key: HEAD }));
    expect(await world.desk().head.advance(null, before)).toBe(true);
    await refuses('head-behind');
  });

  it('without a head, where a log is', async () => {
    await given(...entriesOf('cmt_a', 2));
    await world.all();
    await client.send(new DeleteItemCommand({ TableName: logTable, Key: HEAD }));
    await refuses('head-missing');
  });

  it('behind a head with another root of the same size', async () => {
    await given(...entriesOf('cmt_a', 2));
    await world.all();
    const range = new CompactRange();
    for (const text of ['other', 'leaves']) range.appendBytes(Buffer.from(text));
    await client.send(
      new UpdateItemCommand({
        TableName: logTable,
        Key: HEAD,
        UpdateExpression: 'SET #root = :root, #range = :range',
        ExpressionAttributeNames: { '#root': 'root', '#range': 'range' },
        ExpressionAttributeValues: {
          ':root': { B: range.root() },
          ':range': { B: Buffer.concat(range.hashes()) },
        },
      }),
    );
    await refuses('checkpoint-forked');
  });

  it('with another key than before', async () => {
    await given(...entriesOf('cmt_a', 1));
    await world.all();
    const other = testSigner('another');
    world.signer.publicKey = other.publicKey;
    world.signer.sign = other.sign;
    await refuses('checkpoint-forked');
  });

  it('where a checkpoint is locked already that another signed with the key', async () => {
    await given(...entriesOf('cmt_a', 1));
    await world.all();
    const note = await signNote(
      formatCheckpoint({ origin: ORIGIN, size: 5, root: Buffer.alloc(32, 1) }),
      ORIGIN,
      world.signer,
    );
    await world.objects.putNew(checkpointPath(5), Buffer.from(note), 'text/plain');
    await refuses('head-behind');
  });

  it('where the newest checkpoint is hidden', async () => {
    await given(...entriesOf('cmt_a', 1));
    await world.all();
    world.objects.objects.delete(checkpointPath(1));
    await refuses('checkpoint-missing');
  });
});

describe('nothing is published', () => {
  it.each([
    ['hidden', (path: string) => world.objects.objects.delete(path), 'tile-missing'],
    ['overwritten', (path: string) => world.objects.objects.set(path, Buffer.alloc(64)), 'tile-altered'],
  ] as const)('on a tile that was %s', async (_, harm, code) => {
    await given(...entriesOf('cmt_a', 2));
    await world.all();
    harm(tilePath(0, 0, 2));
    await given(...entriesOf('cmt_b', 1));
    await expect(world.all()).rejects.toThrow(LogRefused);
    expect(world.findings()).toEqual([code]);
    expect(world.objects.objects.has(checkpointPath(3))).toBe(false);
  });

  it('of a batch whose staged entries were changed', async () => {
    await given(...entriesOf('cmt_a', 1));
    await world
      .once((step) => {
        if (step === 'advanced') throw new Error('killed');
      })
      .catch(() => undefined);
    const { staged, head } = world.desk();
    const { root = Buffer.alloc(0) } = (await head.read()) ?? {};
    const [other] = entriesOf('cmt_other', 1);
    if (other) await staged.put({ first: 0, root }, [encodeEntry(other)]);
    await expect(world.all()).rejects.toThrow(LogRefused);
    expect(world.findings()).toEqual(['staged-altered']);
  });

  it('but an entry that is changed after it was staged is in the log as it was', async () => {
    const [entry] = entriesOf('cmt_a', 1);
    if (!entry) throw new Error('none');
    await given(entry);
    await world
      .once((step) => {
        if (step === 'advanced') throw new Error('killed');
      })
      .catch(() => undefined);
    await put(entry, encodeEntry({ ...entry, action: 'verify' }));
    await world.all();
    expect(await world.read()).toEqual([entry]);
  });
});

const put = (entry: AuditEntry, bytes: string) => {
  const { pk, sk } = keyOf(entry);
  return client.send(
    new PutItemCommand({
      TableName: auditTable,
      Item: { pk: { S: pk }, sk: { S: sk }, bytes: { S: bytes } },
    }),
  );
};

describe('an entry that can have no place is told and put aside; the others go on', () => {
  const rest = entriesOf('cmt_rest', 2);

  it.each([
    ['its bytes are no entry', '{"v":1}', 'entry-unreadable'],
    ['a key stands in its bytes twice', '{"v":1,"v":1}', 'entry-unreadable'],
    [
      'its bytes name another place',
      encodeEntry(entriesOf('cmt_other', 1)[0] as AuditEntry),
      'entry-misplaced',
    ],
    ['it is gone', null, 'entry-missing'],
  ])('%s', async (_, bytes, code) => {
    const [entry] = entriesOf('cmt_a', 1);
    if (!entry) throw new Error('none');
    await given(entry, ...rest);
    const { pk, sk } = keyOf(entry);
    if (bytes !== null) await put(entry, bytes);
    else
      await client.send(
        new DeleteItemCommand({ TableName: auditTable, Key: { pk: { S: pk }, sk: { S: sk } } }),
      );
    await world.all();
    const log = await world.read();
    expect(log.filter(({ finding }) => !finding)).toEqual(rest);
    expect(log.filter(({ finding }) => finding)).toMatchObject([
      { stream: 'integrity.cmt_a', code, sequence: 1, observer: 'audit-sequence', outcome: 'failed' },
    ]);
    expect(world.findings()).toEqual([code]);
    expect(await world.desk().pending.after(null, 10)).toEqual([]);
  });

  it('its log item is there before it is in the log', async () => {
    const [entry] = entriesOf('cmt_a', 1);
    if (!entry) throw new Error('none');
    await given(entry, ...rest);
    const key = logItemKey(keyOf(entry));
    await client.send(
      new PutItemCommand({
        TableName: auditTable,
        Item: {
          pk: { S: key.pk },
          sk: { S: key.sk },
          index: { S: '0000000000000000' },
          block: { S: '0' },
          leaf: { B: Buffer.alloc(32) },
        },
      }),
    );
    await world.all();
    expect(world.findings()).toEqual(['log-item-altered']);
    expect((await world.desk().head.read())?.size).toBe(3);
  });
});

it('an entry that lost its log item gets it back, and is not sequenced twice', async () => {
  const [a, b] = [entriesOf('cmt_a', 3), entriesOf('cmt_b', 300)];
  await given(...a, ...b);
  await world.all();
  const second = a[1];
  if (!second) throw new Error('none');
  const { pk, sk } = logItemKey(keyOf(second));
  await client.send(new DeleteItemCommand({ TableName: auditTable, Key: { pk: { S: pk }, sk: { S: sk } } }));
  await world.desk().pending.put(keyOf(second), second.recordedAt);
  await world.all();
  expect(world.findings()).toEqual(['log-item-missing']);
  const log = await world.read();
  expect(log.filter(({ finding }) => !finding)).toHaveLength(303);
});

it('two markers of one entry make one leaf', async () => {
  const [entry] = entriesOf('cmt_a', 1);
  if (!entry) throw new Error('none');
  await given(entry);
  const sk = pendingSk('2020-01-01T00:00:00.000Z', keyOf(entry));
  const key = keyOf(entry);
  await client.send(
    new PutItemCommand({
      TableName: logTable,
      Item: { pk: { S: PENDING }, sk: { S: sk }, stream: { S: key.pk }, place: { S: key.sk } },
    }),
  );
  await world.all();
  expect(await world.read()).toEqual([entry]);
  expect(await world.desk().pending.after(null, 10)).toEqual([]);
  expect(world.findings()).toEqual([]);
});
