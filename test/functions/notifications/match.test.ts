import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { knownListeners } from '../../../functions/notifications/listeners.ts';
import { matchEvents } from '../../../functions/notifications/match-events.ts';
import type { CloudEvent } from '../../../shared/store/cloud-event.ts';
import { later } from '../../../shared/store/delivery.ts';
import { startTables, type Tables } from '../../kit/dynamodb.ts';
import { bus, event, type Notifications, START, startNotifications } from './fixture.ts';

const URL = 'http://127.0.0.1:9/';
let tables: Tables;
let posts: { id: string; url: string }[];
let box: Notifications;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.stop());
beforeEach(() => {
  posts = [];
  box = startNotifications(tables, {
    post: async ({ url, headers }) => {
      posts.push({ url, id: headers['webhook-id'] ?? '' });
      return {
        response: { status: 200, body: '', truncated: false },
        retryAfter: undefined,
        error: null,
        timedOut: false,
      };
    },
  });
});
afterEach(() => box.clear());

const eventIdsOf = async (subscriptionId: string) =>
  (await box.deliveriesOf(subscriptionId))
    .filter(({ kind }) => kind === 'event')
    .map(({ eventId }) => eventId);

describe('matching', () => {
  it('tells each event to those whose filter it matches', async () => {
    const all = await box.subscribed(URL);
    const registered = await box.subscribed(URL, {
      filter: { type: ['followthrough.commitment.registered'] },
    });
    const late = await box.subscribed(URL, {
      filter: { data: { to: [{ prefix: 'in_' }] }, sequence: [{ numeric: ['>', 2] }] },
    });
    const events = [1, 2, 3].map((sequence) => event(sequence, later(box.clock(), sequence)));
    await box.match(events.map((one) => bus(one)));
    expect(await eventIdsOf(all.subscription.id)).toEqual(events.map(({ id }) => id));
    expect(await eventIdsOf(registered.subscription.id)).toEqual([]);
    expect(await eventIdsOf(late.subscription.id)).toEqual([events[2]?.id]);
  });

  it('ignores what the archive replays', async () => {
    const { subscription } = await box.subscribed(URL);
    expect(await box.match([bus(event(1, later(box.clock(), 1)), true)])).toEqual([]);
    expect(await eventIdsOf(subscription.id)).toEqual([]);
  });

  it('tells nothing that happened before the subscription, however late it comes', async () => {
    const before = event(1, START);
    box.wait(10);
    const { subscription } = await box.subscribed(URL);
    await box.match([
      bus(before),
      bus(event(2, subscription.createdAt)),
      bus(event(3, later(box.clock(), 1))),
    ]);
    expect(await eventIdsOf(subscription.id)).toEqual([event(3, START).id]);
  });

  it('hears of a new, changed, switched-off or deleted subscription with the next event', async () => {
    const { subscription } = await box.subscribed(URL);
    const hears = async (sequence: number) => {
      box.wait(1);
      const happened = event(sequence, box.clock());
      await box.match([bus(happened)]);
      return (await eventIdsOf(subscription.id)).includes(happened.id);
    };
    const change = async (fields: object) => {
      const standing = await box.subscriptions.one(subscription.id);
      if (!standing) throw new Error('it is gone');
      const changed = { ...standing, ...fields, version: standing.version + 1 };
      expect(await box.subscriptions.change(standing, changed)).toBe(true);
      expect(await box.subscriptions.change(standing, changed)).toBe(false);
    };
    expect(await hears(1)).toBe(true);
    await change({ filter: { type: ['nothing'] } });
    expect(await hears(2)).toBe(false);
    await change({ filter: null });
    expect(await hears(3)).toBe(true);
    await change({ active: false });
    expect(await hears(4)).toBe(false);
    await change({ active: true, since: box.clock() });
    expect(await hears(5)).toBe(true);
    await box.clear();
    expect(await hears(6)).toBe(false);
  });

  it('reads the listeners again only when they changed', async () => {
    await box.subscribed(URL);
    let reads = 0;
    const listeners = knownListeners({
      directoryVersion: box.subscriptions.directoryVersion,
      listeners: () => {
        reads++;
        return box.subscriptions.listeners();
      },
    });
    for (let batch = 0; batch < 3; batch++) await listeners();
    expect(reads).toBe(1);
    await box.subscribed(URL);
    const who = await listeners();
    expect(reads).toBe(2);
    expect(who(event(1, later(box.clock(), 1)))).toHaveLength(2);
  });

  it('asks for a message again when its event could not be told, and for no other', async () => {
    await box.subscribed(URL, { filter: { sequence: [1] } });
    const match = matchEvents({
      listeners: knownListeners(box.subscriptions),
      deliveries: { ...box.deliveries, put: () => Promise.reject(new Error('no table')) },
      send: box.send,
      clock: box.clock,
      firstWait: 0,
      log: { info: () => {}, error: () => {} },
    });
    const [first, second] = [1, 2].map((sequence) => event(sequence, later(box.clock(), 1)));
    expect(await match([first, second].map((one) => bus(one as CloudEvent)))).toEqual([first?.id]);
  });
});

describe('whatever order, duplication and crashes', () => {
  it('makes one delivery for each event and subscription, and posts it', async () => {
    const EVENTS = 6;
    const batches = fc.array(fc.array(fc.nat({ max: EVENTS - 1 }), { minLength: 1, maxLength: 5 }), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(
        batches,
        fc.array(fc.nat({ max: 20 }), { maxLength: 6 }),
        async (arrivals, crashes) => {
          const even = await box.subscribed(`${URL}even`, { filter: { data: { parity: ['even'] } } });
          const every = await box.subscribed(`${URL}every`);
          posts.length = 0;
          const events = Array.from({ length: EVENTS }, (_, n) =>
            event(n + 1, later(box.clock(), 1 + n), { data: { parity: n % 2 === 0 ? 'even' : 'odd' } }),
          );
          let steps = Number.POSITIVE_INFINITY;
          const step =
            <A extends unknown[], R>(does: (...args: A) => Promise<R>) =>
            async (...args: A): Promise<R> => {
              if (steps-- <= 0) throw new Error('the process ends here');
              const done = await does(...args);
              if (steps-- <= 0) throw new Error('the process ends here');
              return done;
            };
          const match = matchEvents({
            listeners: knownListeners(box.subscriptions),
            deliveries: { putBody: step(box.deliveries.putBody), put: step(box.deliveries.put) },
            send: step(box.send),
            clock: box.clock,
            firstWait: 0,
            log: { info: () => {}, error: () => {} },
          });
          for (const [index, arrival] of arrivals.entries()) {
            steps = crashes[index] ?? Number.POSITIVE_INFINITY;
            await match(arrival.map((n) => bus(events[n] as CloudEvent)));
            if (index % 2 === 1) await box.drain();
          }
          // A queue gives a message until its batch succeeds, so each event comes through once at least.
          steps = Number.POSITIVE_INFINITY;
          await match([...events].reverse().map((one) => bus(one)));
          box.wait(10);
          await box.drain();
          const evens = events.filter((_, n) => n % 2 === 0).map(({ id }) => id);
          expect(await eventIdsOf(even.subscription.id)).toEqual(evens);
          expect(await eventIdsOf(every.subscription.id)).toEqual(events.map(({ id }) => id));
          const postedTo = (url: string) =>
            posts
              .filter((post) => post.url === url)
              .map(({ id }) => id)
              .sort();
          expect(postedTo(even.subscription.channel.url)).toEqual([...evens].sort());
          expect(postedTo(every.subscription.channel.url)).toEqual(events.map(({ id }) => id).sort());
          await box.clear();
        },
      ),
      { numRuns: 25 },
    );
  });
});
