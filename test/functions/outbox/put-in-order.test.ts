import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bus } from '../../../functions/outbox/bus.ts';
import { type BusEntry, MAX_BYTES, size } from '../../../functions/outbox/entry.ts';
import { PUT_FAILED, putInOrder } from '../../../functions/outbox/put-in-order.ts';
import type { Inserted } from '../../../shared/lambda/stream.ts';
import type { CloudEvent } from '../../../shared/store/cloud-event.ts';
import { progress } from './records.ts';

const detailOf = ({ detail }: BusEntry): CloudEvent => JSON.parse(detail) as CloudEvent;

function logged() {
  const lines: { message: string; fields?: Record<string, unknown> | undefined }[] = [];
  const error = (message: string, fields?: Record<string, unknown>) => void lines.push({ message, fields });
  return { lines, log: { info: error, error } };
}

/** A bus that takes an entry unless `verdict` has a code for it; `throw` fails the whole call. */
function busWith(verdict: (event: CloudEvent, call: number) => string | null) {
  const took: string[] = [];
  const offered: string[] = [];
  const sizes: { entries: number; bytes: number }[] = [];
  const bus: Bus = {
    async putEvents(entries) {
      sizes.push({ entries: entries.length, bytes: entries.reduce((sum, entry) => sum + size(entry), 0) });
      offered.push(...entries.map((entry) => detailOf(entry).id));
      const codes = entries.map((entry) => verdict(detailOf(entry), sizes.length));
      if (codes.includes('throw')) throw new Error('the connection broke');
      return entries.map((entry, index) => {
        const code = codes[index];
        if (code) return { code };
        took.push(detailOf(entry).id);
        return {};
      });
    },
  };
  return { bus, took, offered, sizes };
}

const batchOf = (count: number): Inserted[] =>
  Array.from({ length: count }, (_, index) => ({
    sequenceNumber: String(1000 + index),
    record: progress('cmt_a', index + 1),
  }));

describe('a batch of a shard', () => {
  it('goes out whole, in calls of ten, in order', async () => {
    const { bus, took, sizes } = busWith(() => null);
    expect(await putInOrder(batchOf(23), bus, logged().log)).toBeNull();
    expect(took).toEqual(Array.from({ length: 23 }, (_, index) => `cmt_a/${index + 1}`));
    expect(sizes.map(({ entries }) => entries)).toEqual([10, 10, 3]);
  });

  it('stays under the byte limit of a call, counted in UTF-8', async () => {
    const records = [1, 2, 3, 4, 5].map((n) => ({
      sequenceNumber: String(n),
      record: progress('cmt_a', n, 'ü'.repeat(150_000)),
    }));
    const { bus, sizes } = busWith(() => null);
    expect(await putInOrder(records, bus, logged().log)).toBeNull();
    expect(sizes.map(({ entries }) => entries)).toEqual([3, 2]);
    for (const { bytes } of sizes) expect(bytes).toBeLessThanOrEqual(MAX_BYTES);
  });

  it('fails at the first entry that a 200 answer says was not taken, and makes no further call', async () => {
    const { bus, offered } = busWith(({ id }) =>
      id === 'cmt_a/14' || id === 'cmt_a/17' ? 'Throttling' : null,
    );
    const { log, lines } = logged();
    expect(await putInOrder(batchOf(30), bus, log)).toBe('1013');
    expect(offered).toHaveLength(20);
    expect(lines).toMatchObject([
      { message: PUT_FAILED, fields: { sequence: 14, code: 'Throttling' } },
      { message: PUT_FAILED, fields: { sequence: 17 } },
    ]);
  });

  it('fails at the first record of a call that failed as a whole', async () => {
    const { bus } = busWith((_, call) => (call === 2 ? 'throw' : null));
    expect(await putInOrder(batchOf(30), bus, logged().log)).toBe('1010');
  });

  it('takes an entry without a result for one that failed', async () => {
    const bus: Bus = { putEvents: async (entries) => entries.slice(0, 4).map(() => ({})) };
    expect(await putInOrder(batchOf(10), bus, logged().log)).toBe('1004');
  });

  it.each<[string, (batch: Inserted[]) => void]>([
    ['an unreadable image', (batch) => Object.assign(batch[2] ?? {}, { record: null })],
    [
      'bytes that were changed',
      (batch) => tamper(batch[2], ({ bytes }) => ({ bytes: bytes.replace('3', '9') })),
    ],
    ['a record moved to another stream', (batch) => tamper(batch[2], () => ({ stream: 'cmt_b' }))],
    [
      'a record too large for a call',
      (batch) => Object.assign(batch[2] ?? {}, { record: progress('cmt_a', 3, 'x'.repeat(1_000_000)) }),
    ],
  ])('stops before %s, after all that precede it', async (_, spoil) => {
    const batch = batchOf(5);
    spoil(batch);
    const { bus, took } = busWith(() => null);
    expect(await putInOrder(batch, bus, logged().log)).toBe('1002');
    expect(took).toEqual(['cmt_a/1', 'cmt_a/2']);
  });

  it('throws when its first of several fails, so that Lambda halves it, and answers when it is alone', async () => {
    const { bus, took } = busWith(() => null);
    const batch = batchOf(3);
    tamper(batch[0], () => ({ hash: 'ff' }));
    await expect(putInOrder(batch, bus, logged().log)).rejects.toThrow('1000');
    expect(await putInOrder(batch.slice(0, 1), bus, logged().log)).toBe('1000');
    expect(took).toEqual([]);
  });
});

function tamper(
  inserted: Inserted | undefined,
  change: (record: NonNullable<Inserted['record']>) => Partial<NonNullable<Inserted['record']>>,
): void {
  if (inserted?.record) inserted.record = { ...inserted.record, ...change(inserted.record) };
}

/** Redelivers as Lambda does: partial answers move the checkpoint, thrown batches are halved, a lone record is given up after its retries. */
async function deliver(
  batch: Inserted[],
  handle: (part: Inserted[]) => Promise<string | null>,
  retries: number,
) {
  const givenUp: string[] = [];
  const acknowledged: string[][] = [];
  const parts = [batch];
  let attempts = 0;
  for (let part = parts.shift(); part; part = parts.shift()) {
    const failed = await handle(part).catch(() => 'threw' as const);
    const at = failed === 'threw' ? 0 : part.findIndex(({ sequenceNumber }) => sequenceNumber === failed);
    const done = at < 0 ? part : part.slice(0, at);
    acknowledged.push(done.map(({ sequenceNumber }) => sequenceNumber));
    if (done.length > 0) attempts = 0;
    const rest = part.slice(done.length);
    if (rest.length === 0) continue;
    const middle = Math.ceil(rest.length / 2);
    if (failed === 'threw' && rest.length > 1) parts.unshift(rest.slice(0, middle), rest.slice(middle));
    else if (++attempts > retries) {
      givenUp.push(...rest.map(({ sequenceNumber }) => sequenceNumber));
      attempts = 0;
    } else parts.unshift(rest);
  }
  return { givenUp, acknowledged };
}

describe('whatever fails, and however often', () => {
  const streams = fc.array(fc.constantFrom('cmt_a', 'cmt_b', 'cmt_c'), { minLength: 1, maxLength: 40 });

  it('every record is put, offered in the order of its stream, and nothing unput is acknowledged', async () => {
    await fc.assert(
      fc.asyncProperty(streams, fc.infiniteStream(fc.nat(9)), async (names, chances) => {
        const counts = new Map<string, number>();
        const batch = names.map((stream, index): Inserted => {
          const sequence = (counts.get(stream) ?? 0) + 1;
          counts.set(stream, sequence);
          return { sequenceNumber: String(index), record: progress(stream, sequence) };
        });
        let trouble = 60;
        const { bus, took, offered } = busWith(() => {
          const chance = trouble-- > 0 ? Number(chances.next().value) : 9;
          return chance === 0 ? 'throw' : chance < 3 ? 'InternalFailure' : null;
        });
        const idOf = new Map(
          batch.map(({ sequenceNumber, record }) => [
            sequenceNumber,
            `${record?.stream}/${record?.sequence}`,
          ]),
        );
        const { givenUp, acknowledged } = await deliver(
          batch,
          async (part) => {
            const failed = await putInOrder(part, bus, logged().log);
            const done =
              failed === null ? part.length : part.findIndex((one) => one.sequenceNumber === failed);
            for (const one of part.slice(0, done)) expect(took).toContain(idOf.get(one.sequenceNumber));
            return failed;
          },
          Number.POSITIVE_INFINITY,
        );
        expect(givenUp).toEqual([]);
        expect(acknowledged.flat()).toEqual(batch.map(({ sequenceNumber }) => sequenceNumber));
        expect(new Set(took)).toEqual(new Set(idOf.values()));
        for (const [stream, count] of counts)
          expect([...new Set(offered)].filter((id) => id.startsWith(`${stream}/`))).toEqual(
            Array.from({ length: count }, (_, index) => `${stream}/${index + 1}`),
          );
      }),
      { numRuns: 200 },
    );
  });

  it('poison ends up alone in the failure bucket, and all others flow', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.uniqueArray(fc.nat(39), { maxLength: 6 }),
        fc.uniqueArray(fc.nat(39), { maxLength: 3 }),
        async (count, tampered, refused) => {
          const batch = batchOf(count);
          for (const index of tampered) tamper(batch[index], () => ({ hash: '00' }));
          const { bus, took } = busWith(({ sequence }) =>
            refused.includes(sequence - 1) ? 'MalformedDetail' : null,
          );
          const { givenUp } = await deliver(batch, (part) => putInOrder(part, bus, logged().log), 3);
          const poison = new Set([...tampered, ...refused].filter((index) => index < count));
          expect(givenUp.sort()).toEqual([...poison].map((index) => String(1000 + index)).sort());
          expect(new Set(took).size).toBe(count - poison.size);
        },
      ),
      { numRuns: 100 },
    );
  });
});
