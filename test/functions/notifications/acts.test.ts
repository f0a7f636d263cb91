import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Hashed } from '../../../shared/record/event-record.ts';
import type { ActData } from '../../../shared/record/trail-record.ts';
import { acts } from '../../../shared/store/acts.ts';
import { events } from '../../../shared/store/events.ts';
import { startTables, type Tables } from '../../kit/dynamodb.ts';
import { type Receiver, startReceiver } from '../../kit/receiver.ts';
import { bus, event, type Notifications, startNotifications } from './fixture.ts';

let tables: Tables;
let receiver: Receiver;
let box: Notifications;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.stop());
beforeEach(async () => {
  receiver = await startReceiver();
  box = startNotifications(tables, { schedule: [0, 5] });
});
afterEach(async () => {
  await box.clear();
  await receiver.stop();
});

type Told = Hashed & { data: ActData };

/** What was told of a subscription itself. */
const told = async (stream: string): Promise<Told[]> =>
  (await events(tables.client, tables.tables.commands, 'refusal').after(`acts.${stream}`, 0, 200)).map(
    ({ bytes }) => JSON.parse(bytes) as Told,
  );
/** What was told of its deliveries, in all their streams. */
const endings = async (id: string): Promise<Told[]> =>
  (await Promise.all(Array.from('0123456789abcdef', (part) => told(`${id}.${part}`)))).flat();
/** How deliveries of events ended. */
const ended = async (id: string) =>
  (await endings(id))
    .filter(({ data }) => data.facts?.['kind'] === 'event')
    .map(({ data }) => [
      data.outcome ?? 'success',
      data.code ?? null,
      data.facts?.['attempts'],
      data.facts?.['status'],
    ]);

const happen = async (sequence: number) => {
  box.wait(1);
  await box.match([bus(event(sequence, box.clock()))]);
};
const answering = (code: number) => {
  receiver.answer = (response) => response.writeHead(code).end();
};

describe('how a delivery ended', () => {
  it('is told once, in whose name, of which event', async () => {
    const { subscription } = await box.subscribed(receiver.url);
    await happen(1);
    await box.drain();
    const [, delivery] = await box.deliveriesOf(subscription.id);
    await Promise.all([1, 2, 3].map(() => box.attemptOnce(delivery?.id ?? '')));
    const [one, ...more] = (await endings(subscription.id)).filter(
      ({ data }) => data.target.id === delivery?.id,
    );
    expect(more).toEqual([]);
    expect(one).toMatchObject({
      stream: `acts.${subscription.id}.${delivery?.id.slice(-1)}`,
      action: 'deliver',
      actor: { id: 'system', role: 'system' },
      time: box.clock(),
    });
    expect(one?.data).toEqual({
      target: { type: 'delivery', id: delivery?.id },
      route: 'notifications-deliver',
      onBehalfOf: 'per_owner',
      facts: {
        subscription: subscription.id,
        eventId: delivery?.eventId,
        kind: 'event',
        attempts: 1,
        status: 204,
      },
    });
  });

  it('is told of the last attempt only, whatever the schedule took', async () => {
    const { subscription } = await box.subscribed(receiver.url);
    answering(500);
    await happen(1);
    await box.drain();
    expect(await ended(subscription.id)).toEqual([]);
    box.wait(5);
    await box.drain();
    expect(await ended(subscription.id)).toEqual([['failed', 'attempts-failed', 2, 500]]);
  });

  it('is told anew when it was sent again', async () => {
    const { subscription } = await box.subscribed(receiver.url);
    await happen(1);
    await box.drain();
    const [, delivery] = await box.deliveriesOf(subscription.id);
    await box.deliveries.restart(delivery?.id ?? '', box.clock());
    await box.attemptOnce(delivery?.id ?? '');
    expect(await ended(subscription.id)).toEqual([
      ['success', null, 1, 204],
      ['success', null, 2, 204],
    ]);
  });

  it('says that its subscription is gone', async () => {
    const { subscription } = await box.subscribed(receiver.url);
    await happen(1);
    const standing = await box.subscriptions.one(subscription.id);
    if (standing) await box.subscriptions.remove(standing);
    await box.drain();
    expect(await ended(subscription.id)).toEqual([['failed', 'subscription-deleted', 0, null]]);
  });

  it('is told in the right place each, when many end at a time', async () => {
    const { subscription } = await box.subscribed(receiver.url);
    for (let sequence = 1; sequence <= 40; sequence++) await happen(sequence);
    await Promise.all(box.queue.splice(0).map(({ id }) => box.attemptOnce(id)));
    const all = (await endings(subscription.id)).filter(({ data }) => data.facts?.['kind'] === 'event');
    expect(new Set(all.map(({ data }) => data.target.id)).size).toBe(40);
    expect(all).toHaveLength(40);
    for (const [, stream] of Map.groupBy(await endings(subscription.id), ({ stream }) => stream))
      expect(stream.map(({ sequence }) => sequence)).toEqual(stream.map((_, index) => index + 1));
  });

  it('stays open while it can not be told, and is told when it is attempted again', async () => {
    const { subscription } = await box.subscribed(receiver.url);
    await happen(1);
    const [id = ''] = box.queue.splice(0).map((message) => message.id);
    const broken = startNotifications(tables, { acts: { put: () => Promise.reject(new Error('away')) } });
    broken.wait((Date.parse(box.clock()) - Date.parse(broken.clock())) / 1000);
    await expect(broken.attemptOnce(id)).rejects.toThrow('away');
    expect((await box.deliveriesOf(subscription.id))[1]?.status).toBe('pending');
    box.wait(60);
    expect(await box.attemptOnce(id)).toBe('delivered');
    expect(await ended(subscription.id)).toEqual([['success', null, 1, 204]]);
  });

  it('is told by who held it last, where the lease ran out on another', async () => {
    const { subscription } = await box.subscribed(receiver.url);
    await happen(1);
    const [id = ''] = box.queue.splice(0).map((message) => message.id);
    const real = acts(tables.client, tables.tables.commands);
    const slow = startNotifications(tables, {
      acts: {
        // Another takes over between the answer and the word of it.
        async put(act) {
          box.wait(60);
          expect(await box.attemptOnce(id)).toBe('delivered');
          return real.put(act);
        },
      },
    });
    slow.wait((Date.parse(box.clock()) - Date.parse(slow.clock())) / 1000);
    await slow.attemptOnce(id);
    expect(await ended(subscription.id)).toEqual([['success', null, 1, 204]]);
  });
});

describe('what an endpoint does to its subscription', () => {
  it('is told: its yes, and that it is gone', async () => {
    const { subscription } = await box.subscribed(receiver.url);
    answering(410);
    await happen(1);
    await box.drain();
    expect(await told(subscription.id)).toMatchObject([
      { action: 'verify-endpoint', actor: { id: 'system' }, data: { onBehalfOf: 'per_owner' } },
      { action: 'disable-subscription', data: { reasonCode: 'endpoint-gone', onBehalfOf: 'per_owner' } },
    ]);
    expect(await ended(subscription.id)).toEqual([['failed', 'endpoint-gone', 1, 410]]);
  });
});
