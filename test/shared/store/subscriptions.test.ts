import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../../shared/runtime/ids.ts';
import { deliveries } from '../../../shared/store/deliveries.ts';
import { newDelivery } from '../../../shared/store/delivery.ts';
import { deliveryPuts } from '../../../shared/store/delivery-item.ts';
import { claim } from '../../../shared/store/idempotency.ts';
import { type Subscription, type Subscriptions, subscriptions } from '../../../shared/store/subscriptions.ts';
import { startTables, type Tables } from '../../kit/dynamodb.ts';

const NOW = '2026-11-24T12:00:00.000Z';
let tables: Tables;
let store: Subscriptions;
beforeAll(async () => {
  tables = await startTables();
  store = subscriptions(tables.client, tables.tables.notifications);
});
afterAll(() => tables.stop());

const make = (fields: Partial<Subscription> = {}): Subscription => ({
  id: newId('sub'),
  owner: newId('per'),
  channel: { type: 'webhook', url: 'https://example.org/' },
  filter: { type: ['a'] },
  description: null,
  active: true,
  since: NOW,
  status: 'pending_verification',
  verification: null,
  createdAt: NOW,
  updatedAt: NOW,
  version: 1,
  ...fields,
});
const secret = { secret: 'whsec_AAAA', createdAt: NOW, until: null };
const use = (one: Subscription, key = one.id) => claim(one.owner, 'POST /v1/subscriptions', key, '', {});
const create = async (fields: Partial<Subscription> = {}) => {
  const one = make(fields);
  expect(await store.create(one, secret, use(one), [])).toEqual({ outcome: 'created' });
  return one;
};
const hears = async ({ id }: Subscription) => (await store.listeners()).find((one) => one.id === id);

describe('a subscription', () => {
  it('is made whole, with what is put beside it', async () => {
    const one = make();
    const { table } = { table: tables.tables.notifications };
    const told = { id: `${one.id}/1`, type: 'verification', time: NOW };
    const delivery = newDelivery(one.id, told, 'verification', NOW);
    expect(await store.create(one, secret, use(one), deliveryPuts(table, delivery, '{}'))).toEqual({
      outcome: 'created',
    });
    expect(await store.withSecrets(one.id)).toEqual({ subscription: one, secrets: [secret], slow: null });
    expect(await hears(one)).toEqual({ id: one.id, filter: one.filter, since: NOW });
    expect(await store.ofOwner(one.owner, null, 10)).toEqual([one]);
    expect(await deliveries(tables.client, table).one(delivery.id)).toEqual(delivery);
    expect(await deliveries(tables.client, table).body(told.id)).toBe('{}');
  });

  it('is made once for a key, and for none that was used', async () => {
    const one = make();
    const key = use(one);
    expect(await store.create(one, secret, key, [])).toEqual({ outcome: 'created' });
    // The SDK sends again what got no answer.
    expect(await store.create(one, secret, key, [])).toEqual({ outcome: 'created' });
    const other = make({ owner: one.owner });
    expect(await store.create(other, secret, use(other, one.id), [])).toMatchObject({
      outcome: 'seen',
      seen: { stream: one.id, payload: key.payload },
    });
    expect(await store.one(other.id)).toBeNull();
    expect(await hears(other)).toBeUndefined();
    expect(await store.countOf(one.owner)).toBe(1);
  });

  it('changes at its version only; the directory grows when it listens to something else', async () => {
    const one = await create();
    const version = await store.directoryVersion();
    const verified: Subscription = { ...one, status: 'verified', version: 2 };
    expect(await store.change(one, verified)).toBe(true);
    expect(await store.change(one, { ...one, description: 'late', version: 2 })).toBe(false);
    expect(await store.directoryVersion()).toBe(version);
    const narrowed: Subscription = { ...verified, filter: { type: ['b'] }, version: 3 };
    expect(await store.change(verified, narrowed)).toBe(true);
    expect(await store.directoryVersion()).toBe(version + 1);
    expect(await hears(one)).toMatchObject({ filter: { type: ['b'] } });
    const off: Subscription = { ...narrowed, active: false, version: 4 };
    expect(await store.change(narrowed, off)).toBe(true);
    expect(await hears(one)).toBeUndefined();
    expect(await store.directoryVersion()).toBe(version + 2);
    expect(await store.remove(narrowed)).toBe(false);
    expect(await store.remove(off)).toBe(true);
    expect(await store.withSecrets(one.id)).toBeNull();
    expect(await store.ofOwner(one.owner, null, 10)).toEqual([]);
    expect(await store.directoryVersion()).toBe(version + 2);
  });

  it('is changed by one of many who try at once', async () => {
    const one = await create();
    const changes = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        store.change(one, { ...one, description: `${n}`, active: n % 2 === 0, version: 2 }),
      ),
    );
    expect(changes.filter(Boolean)).toHaveLength(1);
    const standing = await store.one(one.id);
    expect(Boolean(await hears(one))).toBe(standing?.active);
  });

  it('gives one turn to an endpoint that is slow', async () => {
    const one = await create();
    const slow = { url: one.channel.url, until: NOW, timeouts: 1 };
    await store.keepSlow(one.id, slow);
    const turns = await Promise.all(
      Array.from({ length: 5 }, (_, n) => store.takeTurn(one.id, slow, `2026-11-24T12:00:1${n}.000Z`)),
    );
    expect(turns.filter(Boolean)).toHaveLength(1);
    await store.forgetSlow(one.id);
    expect((await store.withSecrets(one.id))?.slow).toBeNull();
  });
});
