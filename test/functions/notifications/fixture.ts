import { randomUUID } from 'node:crypto';
import { attempt, type Became } from '../../../functions/notifications/attempt.ts';
import type { Client } from '../../../functions/notifications/client.ts';
import { webhookClient } from '../../../functions/notifications/client.ts';
import { withVerification } from '../../../functions/notifications/create-subscription.ts';
import { deliverBatch } from '../../../functions/notifications/deliver-batch.ts';
import { knownListeners } from '../../../functions/notifications/listeners.ts';
import { matchEvents } from '../../../functions/notifications/match-events.ts';
import type { Send } from '../../../functions/notifications/queue.ts';
import { DEFAULT_SCHEDULE, type Schedule } from '../../../functions/notifications/schedule.ts';
import { newSecret } from '../../../functions/notifications/signature.ts';
import { sweepDue } from '../../../functions/notifications/sweep-due.ts';
import type { BusMessage } from '../../../shared/lambda/queue.ts';
import { newId } from '../../../shared/runtime/ids.ts';
import type { Log } from '../../../shared/runtime/log.ts';
import { type Acts, acts } from '../../../shared/store/acts.ts';
import type { CloudEvent } from '../../../shared/store/cloud-event.ts';
import { deliveries } from '../../../shared/store/deliveries.ts';
import { type Attempt, type Delivery, later, locate } from '../../../shared/store/delivery.ts';
import { claim } from '../../../shared/store/idempotency.ts';
import { type Subscription, subscriptions } from '../../../shared/store/subscriptions.ts';
import type { Tables } from '../../kit/dynamodb.ts';

export const START = '2026-11-24T12:00:00.000Z';
const silent: Log = { info: () => {}, error: () => {} };

/** The box `notifications` on real tables, with a queue and a clock that the test turns. */
export function startNotifications(
  { client, tables }: Tables,
  options: {
    schedule?: Schedule;
    post?: Client;
    timeoutMs?: number;
    slowAfterMs?: number;
    acts?: Pick<Acts, 'put'>;
  } = {},
) {
  const table = tables.notifications;
  const stores = { subscriptions: subscriptions(client, table), deliveries: deliveries(client, table) };
  let now = START;
  const clock = () => now;
  const queue: { id: string; at: string; delay: number }[] = [];
  const send: Send = async (ids, delay) => {
    queue.push(...ids.map((id) => ({ id, at: later(now, delay), delay })));
  };
  const schedule = options.schedule ?? DEFAULT_SCHEDULE;
  const { timeoutMs = 2000 } = options;
  const attemptOnce = attempt({
    ...stores,
    acts: options.acts ?? acts(client, tables.commands),
    client: options.post ?? webhookClient({ allowLoopback: true, timeoutMs }),
    send,
    schedule,
    clock,
    random: () => 0,
    newLease: randomUUID,
    newCommandId: () => newId('cmd'),
    slowAfterMs: options.slowAfterMs ?? 2000,
    log: silent,
  });
  const mine = new Set<string>();
  const results: Became[] = [];
  const deliver = deliverBatch({
    attempt: async (id) => {
      const became = await attemptOnce(id);
      results.push(became);
      return became;
    },
    elapsed: () => performance.now(),
    log: silent,
  });

  const self = {
    ...stores,
    table,
    send,
    clock,
    queue,
    results,
    attemptOnce,
    deliver,
    match: matchEvents({
      ...stores,
      listeners: knownListeners(stores.subscriptions),
      send,
      clock,
      firstWait: 0,
      log: silent,
    }),
    /** Sees its own subscriptions only: the table holds those of other tests. */
    sweep: () =>
      sweepDue({
        deliveries: {
          ...stores.deliveries,
          due: async (...asked) =>
            (await stores.deliveries.due(...asked)).filter(({ id }) =>
              mine.has(locate(id)?.subscriptionId ?? ''),
            ),
        },
        send,
        clock,
        log: silent,
      }),
    wait: (seconds: number) => {
      now = later(now, seconds);
    },

    /** Delivers what the queue shows now, in batches, until it shows nothing. */
    async drain(): Promise<void> {
      for (;;) {
        const visible = queue.filter(({ at }) => at <= now).slice(0, 10);
        if (visible.length === 0) return;
        for (const message of visible) queue.splice(queue.indexOf(message), 1);
        await deliver(visible.map(({ id }, index) => ({ messageId: String(index), deliveryId: id })));
      }
    },

    /** A subscription as the API makes one. */
    async subscribe(
      url: string,
      fields: Partial<Subscription> = {},
    ): Promise<{ subscription: Subscription; secret: string }> {
      const made = withVerification(
        {
          id: newId('sub'),
          owner: 'per_owner',
          channel: { type: 'webhook', url },
          filter: null,
          description: null,
          active: true,
          since: now,
          status: 'pending_verification',
          verification: null,
          createdAt: now,
          updatedAt: now,
          version: 1,
          ...fields,
        },
        now,
        { firstWait: 0, table },
      );
      const { subscription } = made;
      mine.add(subscription.id);
      const secret = newSecret();
      const asked = claim('per_owner', 'POST /v1/subscriptions', subscription.id, '', {});
      await stores.subscriptions.create(
        subscription,
        { secret, createdAt: now, until: null },
        asked,
        made.puts,
      );
      if (made.delivery) await send([made.delivery.id], 0);
      return { subscription, secret };
    },

    /** The same, verified already, a second ago. */
    async subscribed(url: string, fields: Partial<Subscription> = {}) {
      const made = await self.subscribe(url, fields);
      await self.drain();
      self.wait(1);
      return made;
    },

    /** Unsubscribes all, so that tests on one table don't hear each other's events. */
    async clear(): Promise<void> {
      for (const { id } of await stores.subscriptions.listeners()) {
        const standing = await stores.subscriptions.one(id);
        if (standing) await stores.subscriptions.remove(standing);
      }
    },

    async deliveriesOf(id: string): Promise<(Delivery & { log: Attempt[] })[]> {
      const found = await stores.deliveries.list(id, null, 200);
      const attempts = await stores.deliveries.attempts(found);
      return found.map((delivery) => ({ ...delivery, log: attempts.get(delivery.id) ?? [] })).reverse();
    },
  };
  return self;
}

export type Notifications = ReturnType<typeof startNotifications>;

export const event = (sequence: number, time: string, fields: Partial<CloudEvent> = {}): CloudEvent => {
  const subject = fields.subject ?? 'cmt_00000000000000000000000001';
  return {
    specversion: '1.0',
    id: `${subject}/${sequence}`,
    source: 'followthrough',
    type: 'followthrough.commitment.status_changed',
    subject,
    time,
    datacontenttype: 'application/json',
    dataschema: 'urn:followthrough:event:followthrough.commitment.status_changed:1',
    sequence,
    data: { from: 'not_started', to: 'in_progress', narrative: 'Début – 85 %' },
    ...fields,
  };
};

export const bus = (one: CloudEvent, replay = false): BusMessage => ({
  messageId: one.id,
  event: one,
  replay,
});
