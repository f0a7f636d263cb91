import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../shared/runtime/ids.ts';
import { type Deliveries, deliveries } from '../../../shared/store/deliveries.ts';
import {
  type Attempt,
  deliveryId,
  later,
  locate,
  newDelivery,
  placeOf,
} from '../../../shared/store/delivery.ts';
import { DUE_SHARDS } from '../../../shared/store/delivery-item.ts';
import { startTables, type Tables } from '../../kit/dynamodb.ts';

const NOW = '2026-11-24T12:00:00.000Z';
let tables: Tables;
let store: Deliveries;
beforeAll(async () => {
  tables = await startTables();
  store = deliveries(tables.client, tables.tables.notifications);
});
afterAll(() => tables.stop());

const make = (subscriptionId = newId('sub'), sequence = 1, time = NOW) =>
  newDelivery(subscriptionId, { id: `cmt_x/${sequence}`, type: 'followthrough.test', time }, 'event', NOW);
const put = async (...args: Parameters<typeof make>) => {
  const delivery = make(...args);
  expect(await store.put(delivery)).toBe(true);
  return delivery;
};
const claim = (id: string, now: string, seconds = 45, lease: string = randomUUID()) =>
  store.claim(id, lease, now, later(now, seconds));
const done = { status: 'delivered', attempts: 1, nextAttemptAt: null, reason: null } as const;

describe('the id of a delivery', () => {
  const times = fc.date({ min: new Date('2000-01-01'), max: new Date('2999-12-31'), noInvalidDate: true });
  it('is one for each event and subscription, and says where it stands', () => {
    fc.assert(
      fc.property(fc.string(), times, fc.string(), times, (one, at, other, then) => {
        const subscriptionId = newId('sub');
        const place = placeOf(one, at.toISOString());
        expect(locate(deliveryId(subscriptionId, place))).toEqual({ subscriptionId, place });
        expect(placeOf(one, at.toISOString())).toBe(place);
        if (one !== other) expect(placeOf(other, at.toISOString())).not.toBe(place);
        // Sorted as text, deliveries stand in the order of their events.
        if (at < then) expect(place < placeOf(other, then.toISOString())).toBe(true);
      }),
    );
  });

  it.each([
    '',
    'dlv_',
    'sub_00000000000000000000000001',
    `dlv_${'0'.repeat(57)}`,
    `dlv_${'u'.repeat(58)}`,
    `x${'0'.repeat(60)}`,
  ])('is not %j', (id) => expect(locate(id)).toBeNull());
});

describe('a delivery', () => {
  it('is put once; again only tells whether its first attempt is still to come', async () => {
    const delivery = await put();
    expect(await store.put({ ...delivery, createdAt: later(NOW, 9) })).toBe(true);
    const leased = await claim(delivery.id, NOW);
    if (!leased) throw new Error('not claimed');
    await store.settle(leased, done);
    expect(await store.put(delivery)).toBe(false);
    expect(await store.one(delivery.id)).toEqual({ ...delivery, ...done });
  });

  it('is leased to one at a time', async () => {
    const { id } = await put();
    const claims = await Promise.all(Array.from({ length: 8 }, () => claim(id, NOW)));
    const [leased, ...more] = claims.filter((one) => one !== null);
    expect(more).toEqual([]);
    expect(await claim(id, later(NOW, 44))).toBeNull();
    // A claim whose answer was lost is the same claim.
    expect(await claim(id, NOW, 45, leased?.lease)).toMatchObject({ id, lease: leased?.lease });
    const next = await claim(id, later(NOW, 46));
    expect(next).not.toBeNull();
    if (!leased || !next) throw new Error('not claimed');
    expect(await store.settle(leased, { ...done, status: 'failed' })).toBe(false);
    expect(await store.settle(next, done)).toBe(true);
    expect(await claim(id, later(NOW, 999))).toBeNull();
  });

  it('is not leased before its time', async () => {
    const { id } = await put();
    const leased = await claim(id, NOW);
    if (!leased) throw new Error('not claimed');
    await store.settle(leased, {
      status: 'pending',
      attempts: 1,
      nextAttemptAt: later(NOW, 300),
      reason: null,
    });
    expect(await claim(id, later(NOW, 298))).toBeNull();
    expect(await claim(id, later(NOW, 299))).toMatchObject({ attempts: 1, nextAttemptAt: later(NOW, 300) });
  });

  it('is due in one shard until it is over, or put aside', async () => {
    const mine = new Set<string>();
    const dueAt = async (time: string) => {
      const shards = await Promise.all(Array.from({ length: DUE_SHARDS }, (_, n) => store.due(n, time, 200)));
      return shards.flat().filter(({ id }) => mine.has(id));
    };
    const { id } = await put();
    mine.add(id);
    expect(await dueAt(later(NOW, 29))).toEqual([]);
    const [due] = await dueAt(later(NOW, 30));
    expect(due).toEqual({ id, at: later(NOW, 30) });
    if (!due) throw new Error('not due');
    expect(await store.lookAgain(due, later(NOW, 330))).toBe(true);
    expect(await store.lookAgain(due, later(NOW, 330))).toBe(false);
    expect(await dueAt(later(NOW, 329))).toEqual([]);

    const leased = await claim(id, NOW);
    if (!leased) throw new Error('not claimed');
    await store.settle(leased, { status: 'pending', attempts: 0, nextAttemptAt: null, reason: null });
    expect(await dueAt(later(NOW, 9999))).toEqual([]);
    expect(await store.release(id, later(NOW, 60))).toBe(true);
    expect(await store.release(id, later(NOW, 60))).toBe(false);
    expect(await dueAt(later(NOW, 90))).toHaveLength(1);
    const again = await claim(id, later(NOW, 60));
    if (!again) throw new Error('not claimed');
    await store.settle(again, done);
    expect(await dueAt(later(NOW, 9999))).toEqual([]);
    expect(await store.release(id, NOW)).toBe(false);
  });

  it('starts its schedule anew when it is sent again, but not while it is being attempted', async () => {
    const { id } = await put();
    expect(await store.restart(make().id, NOW)).toBe(false);
    const leased = await claim(id, NOW);
    if (!leased) throw new Error('not claimed');
    expect(await store.restart(id, later(NOW, 10))).toBe(false);
    await store.settle(leased, {
      status: 'failed',
      attempts: 10,
      nextAttemptAt: null,
      reason: '10 attempts failed',
    });
    expect(await store.restart(id, later(NOW, 10))).toBe(true);
    expect(await store.one(id)).toMatchObject({
      status: 'pending',
      attempts: 10,
      earlier: 10,
      nextAttemptAt: later(NOW, 10),
      reason: null,
    });
  });
});

describe('the log of a subscription', () => {
  it('lists newest first, page by page, with the attempts of each', async () => {
    const subscriptionId = newId('sub');
    const made = [];
    for (let n = 1; n <= 7; n++) made.push(await put(subscriptionId, n, later(NOW, n)));
    await put(newId('sub'), 1);
    const attempt = (n: number): Attempt => ({
      n,
      startedAt: NOW,
      durationMs: 5,
      url: 'https://example.org/',
      request: { headers: { 'webhook-id': 'x' } },
      // What JSON would blow up to six times its size: more than an item holds.
      response: { status: 500, body: '\u0000'.repeat(65_536), truncated: true },
      error: null,
    });
    for (const n of [1, 2, 10]) await store.keepAttempt(made[4]?.id ?? '', attempt(n), NOW);
    await store.keepAttempt(made[0]?.id ?? '', { ...attempt(1), response: null, error: 'ECONNREFUSED' }, NOW);

    const first = await store.list(subscriptionId, null, 3);
    const second = await store.list(subscriptionId, first.at(-1)?.id ?? null, 3);
    const third = await store.list(subscriptionId, second.at(-1)?.id ?? null, 3);
    expect([...first, ...second, ...third].map(({ id }) => id)).toEqual(made.map(({ id }) => id).reverse());
    const attempts = await store.attempts(first);
    expect(attempts.get(made[4]?.id ?? '')).toEqual([1, 2, 10].map(attempt));
    expect(attempts.size).toBe(1);
    expect((await store.attempts(third)).get(made[0]?.id ?? '')).toMatchObject([
      { response: null, error: 'ECONNREFUSED' },
    ]);
    expect((await store.attempts([])).size).toBe(0);

    const since = [];
    for await (const delivery of store.since(subscriptionId, later(NOW, 5))) since.push(delivery.eventId);
    expect(since).toEqual(['cmt_x/5', 'cmt_x/6', 'cmt_x/7']);
  });

  it('keeps the bytes of an event once', async () => {
    const id = `cmt_x/${randomUUID()}`;
    expect(await store.body(id)).toBeNull();
    await store.putBody(id, '{"first":true}', NOW);
    await store.putBody(id, '{"first":false}', NOW);
    expect(await store.body(id)).toBe('{"first":true}');
  });
});
