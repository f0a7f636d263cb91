import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { rotate } from '../../../functions/notifications/secrets.ts';
import { newSecret } from '../../../functions/notifications/signature.ts';
import { later } from '../../../shared/store/delivery.ts';
import { claim } from '../../../shared/store/idempotency.ts';
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
  box = startNotifications(tables);
});
afterEach(async () => {
  await box.clear();
  await receiver.stop();
});

const happen = async (...sequences: number[]) => {
  for (const sequence of sequences) {
    box.wait(1);
    await box.match([bus(event(sequence, box.clock()))]);
  }
};
const bodies = () =>
  receiver.received.map(({ body }) => JSON.parse(body) as { type: string; sequence?: number });
const sequences = () => bodies().flatMap(({ sequence }) => sequence ?? []);
const status = (code: number, headers: Record<string, string> = {}) => {
  receiver.answer = (response) => response.writeHead(code, headers).end(`answer ${code}`);
};

describe('a delivery', () => {
  it('posts the very bytes that are signed, under the id of the event', async () => {
    const { subscription, secret } = await box.subscribed(receiver.url);
    const happened = event(3, later(box.clock(), 1));
    await box.match([bus(happened)]);
    vi.useFakeTimers({ now: new Date(box.clock()), toFake: ['Date'] });
    await box.drain();
    const [, told] = receiver.received;
    expect(told?.headers).toMatchObject({
      'content-type': 'application/cloudevents+json',
      'webhook-id': happened.id,
      'webhook-timestamp': String(Date.parse(box.clock()) / 1000),
    });
    const headers = told?.headers as Record<string, string>;
    expect(new Webhook(secret).verify(told?.body ?? '', headers)).toEqual(happened);
    vi.useRealTimers();

    const [, delivery] = await box.deliveriesOf(subscription.id);
    expect(delivery).toMatchObject({
      status: 'delivered',
      attempts: 1,
      eventId: happened.id,
      nextAttemptAt: null,
    });
    expect(delivery?.log).toMatchObject([
      { n: 1, url: subscription.channel.url, response: { status: 204, body: '' }, error: null },
    ]);
    expect(delivery?.log[0]?.request.headers['webhook-id']).toBe(happened.id);
    expect(JSON.stringify(delivery)).not.toContain(secret.slice(6));
  });

  it('is attempted at the times of the schedule under one id, and then failed and kept', async () => {
    const { subscription } = await box.subscribed(receiver.url);
    status(500);
    await happen(1);
    const start = Date.parse(box.clock());
    const times: number[] = [];
    for (
      let step = 0;
      step < 20 && (await box.deliveriesOf(subscription.id))[1]?.status !== 'failed';
      step++
    ) {
      const before = receiver.received.length;
      await box.drain();
      await box.sweep();
      await box.drain();
      if (receiver.received.length > before) times.push((Date.parse(box.clock()) - start) / 1000);
      // Turn the clock to where something is to be done next.
      const [, delivery] = await box.deliveriesOf(subscription.id);
      const next = (Date.parse(delivery?.nextAttemptAt ?? '') - Date.parse(box.clock())) / 1000;
      if (next > 0) box.wait(next + (next > 900 ? 30 : 0));
    }
    const waits = times.map((time, index) => time - (times[index - 1] ?? 0));
    // What waits longer than a message can is swept half a minute after its time.
    expect(waits.map((wait) => Math.round(wait - (wait > 900 ? 30 : 0)))).toEqual([
      0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400,
    ]);
    const [, delivery] = await box.deliveriesOf(subscription.id);
    expect(delivery).toMatchObject({ status: 'failed', attempts: 10, reason: '10 attempts failed' });
    expect(delivery?.log.map(({ response }) => response?.body)).toEqual(Array(10).fill('answer 500'));
    const told = receiver.received.slice(1);
    expect(new Set(told.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(told.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(10);
    expect(new Set(told.map(({ body }) => body)).size).toBe(1);
  });

  it('waits as long as the endpoint asks for', async () => {
    const { subscription } = await box.subscribed(receiver.url);
    status(503, { 'retry-after': '120' });
    await happen(1);
    await box.drain();
    expect(box.queue).toMatchObject([{ delay: 120 }]);
    box.wait(119);
    await box.attemptOnce((await box.deliveriesOf(subscription.id))[1]?.id ?? '');
    // A message that comes a whole second early is still taken; earlier ones are not.
    expect(receiver.received).toHaveLength(3);
    box.wait(60);
    expect(await box.attemptOnce((await box.deliveriesOf(subscription.id))[1]?.id ?? '')).toBe('nothing');
  });

  it.each([301, 302, 307, 400, 404, 429, 500])('fails on status %i and is tried again', async (code) => {
    const { subscription } = await box.subscribed(receiver.url);
    status(code, { location: `${receiver.url}/elsewhere` });
    await happen(1);
    await box.drain();
    expect((await box.deliveriesOf(subscription.id))[1]).toMatchObject({
      status: 'pending',
      attempts: 1,
      nextAttemptAt: later(box.clock(), 5),
    });
    expect(receiver.received.every(({ path }) => path === '/')).toBe(true);
    status(200);
    box.wait(5);
    await box.drain();
    expect((await box.deliveriesOf(subscription.id))[1]).toMatchObject({ status: 'delivered', attempts: 2 });
  });

  it('records why no answer came', async () => {
    const { subscription } = await box.subscribed(receiver.url);
    await receiver.stop();
    await happen(1);
    await box.drain();
    const [, delivery] = await box.deliveriesOf(subscription.id);
    expect(delivery?.log).toMatchObject([{ response: null, error: expect.stringContaining('ECONNREFUSED') }]);
    receiver = await startReceiver();
  });

  it('is attempted by one at a time, and by another when the lease has run out', async () => {
    const { subscription } = await box.subscribed(receiver.url);
    let answerNow: () => void = () => {};
    receiver.answer = (response) => {
      answerNow = () => response.writeHead(204).end();
    };
    await happen(1);
    const id = (await box.deliveriesOf(subscription.id))[1]?.id ?? '';
    const first = box.attemptOnce(id);
    await vi.waitFor(() => expect(receiver.received).toHaveLength(2));
    expect(await Promise.all([box.attemptOnce(id), box.attemptOnce(id)])).toEqual(['nothing', 'nothing']);
    // The first is as good as dead after 45 s: the sweep finds the delivery, another attempts it.
    const answerLate = answerNow;
    box.wait(46);
    box.queue.length = 0;
    await box.sweep();
    expect(box.queue.map((message) => message.id)).toEqual([id]);
    receiver.answer = (response) => response.writeHead(204).end();
    await box.drain();
    expect((await box.deliveriesOf(subscription.id))[1]).toMatchObject({ status: 'delivered', attempts: 1 });
    answerLate();
    await first;
    expect((await box.deliveriesOf(subscription.id))[1]).toMatchObject({ status: 'delivered', attempts: 1 });
    expect(await box.attemptOnce(id)).toBe('nothing');
  });

  it('is signed with the old secret too while that is being replaced', async () => {
    const { subscription, secret } = await box.subscribed(receiver.url);
    const fresh = newSecret();
    const known = await box.subscriptions.withSecrets(subscription.id);
    const before = known?.secrets ?? [];
    const keep = (key: string, after: typeof before) =>
      box.subscriptions.keepSecrets(
        subscription.id,
        before,
        after,
        claim('per_owner', 'rotate', key, '', {}),
      );
    const rotated = rotate(before, fresh, box.clock());
    expect(await keep(subscription.id, rotated)).toEqual({ outcome: 'kept' });
    expect(await keep(`${subscription.id} later`, rotated)).toEqual({ outcome: 'stale' });
    await happen(1);
    await box.drain();
    box.wait(24 * 3600);
    await happen(2);
    await box.drain();
    const signatures = receiver.received.map(
      ({ headers }) => String(headers['webhook-signature']).split(' ').length,
    );
    expect(signatures).toEqual([1, 2, 1]);
    vi.useFakeTimers({ now: new Date(box.clock()), toFake: ['Date'] });
    const last = receiver.received.at(-1);
    const headers = last?.headers as Record<string, string>;
    expect(new Webhook(fresh).verify(last?.body ?? '', headers)).toBeTruthy();
    expect(() => new Webhook(secret).verify(last?.body ?? '', headers)).toThrow();
    vi.useRealTimers();
  });
});

describe('an endpoint', () => {
  it('is asked first, and what matched meanwhile follows its yes in order', async () => {
    status(500);
    const { subscription, secret } = await box.subscribe(receiver.url);
    await box.drain();
    await happen(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    await box.drain();
    expect(bodies().every(({ type }) => type === 'followthrough.subscription.verification')).toBe(true);
    expect(
      (await box.deliveriesOf(subscription.id)).map(({ nextAttemptAt }) => nextAttemptAt !== null),
    ).toEqual([true, ...Array(12).fill(false)]);
    expect(await box.subscriptions.one(subscription.id)).toMatchObject({ status: 'pending_verification' });
    receiver.received.length = 0;
    receiver.answer = (response) => response.writeHead(200).end();
    box.wait(300);
    await box.drain();
    expect(await box.subscriptions.one(subscription.id)).toMatchObject({ status: 'verified', version: 2 });
    expect(sequences()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const [asked] = receiver.received;
    vi.useFakeTimers({ now: new Date(box.clock()), toFake: ['Date'] });
    expect(
      new Webhook(secret).verify(asked?.body ?? '', asked?.headers as Record<string, string>),
    ).toMatchObject({
      specversion: '1.0',
      id: `${subscription.id}/1`,
      type: 'followthrough.subscription.verification',
      data: { subscriptionId: subscription.id },
    });
    vi.useRealTimers();
  });

  it('loses nothing that is put aside while it is being verified', async () => {
    const { subscription } = await box.subscribe(receiver.url);
    await happen(1);
    const [verification = '', waiting = ''] = (await box.deliveriesOf(subscription.id)).map(({ id }) => id);
    // Both at once, many times over: whoever comes second has to see what the other wrote.
    await Promise.all([box.attemptOnce(waiting), box.attemptOnce(verification)]);
    await box.drain();
    expect(sequences()).toContain(1);
    expect((await box.deliveriesOf(subscription.id)).map((one) => one.status)).toEqual([
      'delivered',
      'delivered',
    ]);
  });

  it('is verified again when the verification stops half way', async () => {
    const { subscription } = await box.subscribe(receiver.url);
    await happen(1, 2);
    const [verification = ''] = (await box.deliveriesOf(subscription.id)).map(({ id }) => id);
    for (const { id } of (await box.deliveriesOf(subscription.id)).slice(1)) await box.attemptOnce(id);
    box.queue.length = 0;
    const broken = startNotifications(tables, { schedule: [0, 5] });
    broken.queue.push = () => {
      throw new Error('the process ends here');
    };
    broken.wait(2);
    await expect(broken.attemptOnce(verification)).rejects.toThrow('ends here');
    expect(await box.subscriptions.one(subscription.id)).toMatchObject({ status: 'verified' });
    // Nothing was sent, and the queue has forgotten: the sweep finds all of it.
    for (let minute = 0; minute < 3; minute++) {
      box.wait(60);
      await box.sweep();
      await box.drain();
    }
    expect(sequences()).toEqual(expect.arrayContaining([1, 2]));
    expect((await box.deliveriesOf(subscription.id)).every((one) => one.status === 'delivered')).toBe(true);
  });

  it('that says 410 is disabled: it hears nothing more', async () => {
    const { subscription } = await box.subscribed(receiver.url);
    status(410);
    await happen(1, 2);
    await box.drain();
    expect(await box.subscriptions.one(subscription.id)).toMatchObject({ status: 'disabled', active: false });
    expect((await box.deliveriesOf(subscription.id)).slice(1)).toMatchObject([
      { status: 'failed', attempts: 1, reason: 'the endpoint is gone (410)' },
      { status: 'failed', reason: expect.stringMatching(/disabled|410/) },
    ]);
    const told = receiver.received.length;
    await happen(3);
    await box.drain();
    expect(receiver.received).toHaveLength(told);
    expect(await box.deliveriesOf(subscription.id)).toHaveLength(3);
  });

  it('with another address is not verified by the answer of the one before', async () => {
    const other = await startReceiver();
    const { subscription } = await box.subscribe(receiver.url);
    receiver.answer = async (response) => {
      const standing = await box.subscriptions.one(subscription.id);
      if (standing)
        await box.subscriptions.change(standing, {
          ...standing,
          channel: { type: 'webhook', url: other.url },
          verification: null,
          version: standing.version + 1,
        });
      response.writeHead(204).end();
    };
    await box.drain();
    expect(receiver.received).toHaveLength(1);
    expect(await box.subscriptions.one(subscription.id)).toMatchObject({ status: 'pending_verification' });
    await other.stop();
  });

  it('that hangs delays nobody else', async () => {
    const hanging = await startReceiver();
    box = startNotifications(tables, { timeoutMs: 1500 });
    const slow = await box.subscribed(hanging.url);
    await box.subscribed(receiver.url);
    hanging.answer = () => {};
    await happen(1, 2, 3, 4, 5);
    const start = performance.now();
    let heard = 0;
    receiver.answer = (response) => {
      heard = performance.now() - start;
      response.writeHead(204).end();
    };
    await box.drain();
    expect(sequences()).toEqual([1, 2, 3, 4, 5]);
    expect(heard).toBeLessThan(1200);
    // One has found out, the others need not: they come later, none of their attempts used up.
    expect(performance.now() - start).toBeLessThan(2500);
    const [, first, ...others] = await box.deliveriesOf(slow.subscription.id);
    expect(first).toMatchObject({
      attempts: 1,
      log: [{ error: 'no answer within 1.5 s' }],
      nextAttemptAt: later(box.clock(), 5),
    });
    expect(others).toMatchObject(
      Array(4).fill({ attempts: 0, log: [], nextAttemptAt: later(box.clock(), 15) }),
    );

    // Still slow: one more tries, the others wait on. A retry keeps to its schedule.
    box.wait(5);
    await box.drain();
    expect((await box.deliveriesOf(slow.subscription.id))[1]).toMatchObject({ attempts: 2 });
    box.wait(60);
    const told = hanging.received.length;
    await box.drain();
    expect(hanging.received).toHaveLength(told + 1);
    // Recovered: with the next success all of them follow.
    hanging.answer = (response) => response.writeHead(204).end();
    for (let turn = 0; turn < 12; turn++) {
      box.wait(60);
      await box.drain();
    }
    expect((await box.deliveriesOf(slow.subscription.id)).map((one) => one.status)).toEqual(
      Array(6).fill('delivered'),
    );
    expect((await box.subscriptions.withSecrets(slow.subscription.id))?.slow).toBeNull();
    await hanging.stop();
  });

  it('that lets one attempt wait is spared the next ones at once, not after a timeout', async () => {
    box = startNotifications(tables, { slowAfterMs: 50 });
    const { subscription } = await box.subscribed(receiver.url);
    let answerNow: () => void = () => {};
    receiver.answer = (response) => {
      answerNow = () => response.writeHead(204).end();
    };
    await happen(1, 2);
    const [, first, second] = await box.deliveriesOf(subscription.id);
    const waiting = box.attemptOnce(first?.id ?? '');
    await vi.waitFor(async () =>
      expect((await box.subscriptions.withSecrets(subscription.id))?.slow).not.toBeNull(),
    );
    expect(await box.attemptOnce(second?.id ?? '')).toBe('retry');
    expect(receiver.received).toHaveLength(2);
    answerNow();
    expect(await waiting).toBe('delivered');
    expect((await box.subscriptions.withSecrets(subscription.id))?.slow).toBeNull();
    receiver.answer = (response) => response.writeHead(204).end();
    box.wait(15);
    await box.drain();
    expect(sequences()).toEqual([1, 2]);
  });

  it('that is deleted is left alone', async () => {
    const { subscription } = await box.subscribed(receiver.url);
    await happen(1);
    const standing = await box.subscriptions.one(subscription.id);
    if (standing) await box.subscriptions.remove(standing);
    await box.drain();
    expect(sequences()).toEqual([]);
    expect((await box.deliveriesOf(subscription.id))[1]).toMatchObject({ status: 'failed', attempts: 0 });
  });
});

describe('the sweep', () => {
  it('sends what is due and was never sent, once in five minutes', async () => {
    const { subscription } = await box.subscribed(receiver.url);
    await happen(1);
    box.queue.length = 0;
    expect(await box.sweep()).toBe(0);
    box.wait(31);
    expect(await box.sweep()).toBe(1);
    box.wait(60);
    expect(await box.sweep()).toBe(0);
    await box.drain();
    expect(sequences()).toEqual([1]);
    box.wait(3600);
    expect(await box.sweep()).toBe(0);
    expect((await box.deliveriesOf(subscription.id))[1]).toMatchObject({ status: 'delivered', attempts: 1 });
  });
});
