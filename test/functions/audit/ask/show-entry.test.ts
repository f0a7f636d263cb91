import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listRows } from '../../../../functions/audit/ask/list-rows.ts';
import { proveEntry } from '../../../../functions/audit/ask/prove-entry.ts';
import { showEntry } from '../../../../functions/audit/ask/show-entry.ts';
import type { Answer } from '../../../../shared/lambda/http.ts';
import type { Role } from '../../../../shared/lambda/person.ts';
import { keyOf } from '../../../../shared/store/audit-entries.ts';
import { pendingSk } from '../../../../shared/store/keys.ts';
import { type LogRows, logRows } from '../../../../shared/store/log-rows.ts';
import { leafHash } from '../../../../shared/tlog/merkle.ts';
import { parsePolicy } from '../../../../shared/tlog/policy.ts';
import { verifyProof } from '../../../../shared/tlog/proof.ts';
import { formatVerifierKey } from '../../../../shared/tlog/verifier-key.ts';
import { type AuditEntry, encodeEntry } from '../../../../shared/trail/entry.ts';
import { readRow, type TrailRow } from '../../../../shared/trail/rows.ts';
import { ORIGIN, type TestLog, testLog } from '../../../kit/audit-log.ts';
import { callOf, personWith } from '../../../kit/call.ts';
import { startTables, type Tables } from '../../../kit/dynamodb.ts';
import { testSigner } from '../../../kit/signer.ts';

let mine: Tables;
let log: TestLog;
let rows: LogRows;

const timeAt = (n: number) => new Date(Date.UTC(2026, 10, 24) + n * 1000).toISOString();
const all = Array.from(
  { length: 30 },
  (_, n): AuditEntry => ({
    v: 1,
    stream: 'cmt_a',
    sequence: n + 1,
    action: 'verify',
    outcome: 'success',
    actor: { id: n % 2 ? 'per_ann' : 'per_bob', role: 'administrator', session: `ses_${n}` },
    observer: 'audit-record',
    target: { type: 'commitment', id: 'cmt_a' },
    claimedAt: timeAt(n),
    recordedAt: timeAt(n),
  }),
);
const people = { find: async (subject: string) => (subject === 'ann' ? 'per_ann' : null) };
const at = (n: number): AuditEntry => {
  const entry = all[n];
  if (!entry) throw new RangeError(`there is no entry ${n}`);
  return entry;
};

beforeAll(async () => {
  mine = await startTables();
  log = testLog(mine);
  rows = logRows(mine.client, mine.tables.audit);
  await log.record(all);
  await log.sequence(11, timeAt(40));
  await log.sequence(15, timeAt(41));
});
afterAll(() => mine.stop());

const show = (index: string, role: Role = 'auditor'): Promise<Answer> =>
  showEntry({ trail: log.trail, people, rows })(
    callOf(`/v1/audit/entries/${index}`, { params: { index }, role, person: personWith('ann', role) }),
  );

describe('one entry', () => {
  it('is shown with everything, its row and its leaf hash', async () => {
    const { body } = await show('12');
    const bytes = encodeEntry(at(12));
    expect(body).toMatchObject({
      ...at(12),
      index: 12,
      bytes,
      leafHash: Buffer.from(leafHash(Buffer.from(bytes))).toString('hex'),
      rowHolds: true,
      row: { index: 12, key: keyOf(at(12)), bytes, others: {} },
      proof: '/v1/audit/entries/12/proof',
      checkpoint: { size: 26, time: timeAt(41) },
    });
  });

  it('is shown as it was sequenced where its row was changed, and the row as it is', async () => {
    const { pk, sk } = keyOf(at(3));
    const forged = encodeEntry({ ...at(3), action: 'close' });
    await mine.client.send(
      new PutItemCommand({
        TableName: mine.tables.audit,
        Item: { pk: { S: pk }, sk: { S: sk }, bytes: { S: forged }, note: { N: '1' } },
      }),
    );
    expect((await show('3')).body).toMatchObject({
      action: 'verify',
      rowHolds: false,
      row: { bytes: forged, others: { note: { N: '1' } } },
    });
  });

  it.each(['26', '29', '-1', '01', 'x', '1e3', '9999999999999999'])('%s has no place', async (index) => {
    expect(await show(index)).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it('is nothing to an administrator who is somebody else', async () => {
    expect((await show('13', 'administrator')).status).toBe(200);
    expect((await show('12', 'administrator')).status).toBe(404);
  });
});

describe('the proof of an entry', () => {
  const prove = (index: string) =>
    proveEntry({ trail: log.trail, objects: log.objects })(
      callOf(`/v1/audit/entries/${index}/proof`, { params: { index }, role: 'auditor' }),
    );

  it('holds for every index, under the checkpoint that the log signed', async () => {
    const key = formatVerifierKey(ORIGIN, 1, await testSigner('log').publicKey());
    const read = parsePolicy(`log ${key}\nquorum none\n`);
    if (!read.ok) throw new Error('the policy can not be read');
    for (let n = 0; n < 26; n += 1) {
      const { headers, body } = await prove(String(n));
      expect(headers).toMatchObject({ 'content-type': 'text/plain; charset=utf-8' });
      const leaf = leafHash(Buffer.from(encodeEntry(at(n))));
      expect(verifyProof(String(body), leaf, read.policy)).toMatchObject({
        ok: true,
        index: n,
        checkpoint: { size: 26 },
      });
      const other = leafHash(Buffer.from(encodeEntry(at((n + 1) % 26))));
      expect(verifyProof(String(body), other, read.policy)).toMatchObject({ ok: false });
    }
  });

  it('is not to be had before the entry has its place', async () => {
    expect(await prove('26')).toMatchObject({
      status: 404,
      body: { detail: expect.stringContaining('0 to 25') },
    });
  });
});

describe('the rows', () => {
  it.each([1, 4, 26, 200])('come in the order of the log, then those that wait, %s a page', async (limit) => {
    const found: TrailRow[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const more: string = cursor && `&cursor=${cursor}`;
      const { status, body } = await listRows({ trail: log.trail, rows })(
        callOf(`/v1/audit/rows?limit=${limit}${more}`, { role: 'auditor' }),
      );
      expect(status).toBe(200);
      const page = body as { data: unknown[]; next_cursor: string | null };
      for (const row of page.data) {
        const read = readRow(JSON.parse(JSON.stringify(row)));
        if (!read) throw new Error('a row can not be read back');
        found.push(read);
      }
      cursor = page.next_cursor;
    }
    expect(found.map(({ index }) => index)).toEqual(all.map((_, n) => (n < 26 ? n : null)));
    expect(found.map(({ key }) => key)).toEqual(all.map(keyOf));
    const item = found[12]?.item;
    expect(item).toMatchObject({
      index: { S: '0000000000000012' },
      leaf: { B: Buffer.from(leafHash(Buffer.from(encodeEntry(at(12))))).toString('base64') },
      actor: { S: 'per_bob' },
    });
    expect(found[27]).toMatchObject({ bytes: encodeEntry(at(27)), item: null });
  });

  it('come once each, where one that was in line has its place in the log a moment later', async () => {
    const key = keyOf(at(25));
    const queued = [{ place: pendingSk(at(25).recordedAt, key), key }];
    const tail = { between: async () => ({ queued, rest: false }) };
    const answer = await listRows({ trail: { ...log.trail, tail }, rows })(callOf('/v1/audit/rows'));
    const { data } = answer.body as { data: TrailRow[] };
    expect(data.map(({ index }) => index)).toEqual(all.slice(0, 26).map((_, n) => n));
  });

  it.each(['x', 'i', 'pabc', 'p~', `p${timeAt(1)}#\u{1f600}`, 'i1 '])(
    'refuses the cursor %s',
    async (place) => {
      const cursor = Buffer.from(`1 ${place}`).toString('base64url');
      const answer = await listRows({ trail: log.trail, rows })(callOf(`/v1/audit/rows?cursor=${cursor}`));
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/cursor' }] } });
    },
  );
});
