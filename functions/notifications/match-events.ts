import type { BusMessage } from '../../shared/lambda/queue.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Log } from '../../shared/runtime/log.ts';
import type { CloudEvent } from '../../shared/store/cloud-event.ts';
import type { Deliveries } from '../../shared/store/deliveries.ts';
import { newDelivery } from '../../shared/store/delivery.ts';
import type { WhoListens } from './listeners.ts';
import type { Send } from './queue.ts';

export interface MatchDeps {
  listeners: () => Promise<WhoListens>;
  deliveries: Pick<Deliveries, 'putBody' | 'put'>;
  send: Send;
  clock: Clock;
  /** The first number of the retry schedule. */
  firstWait: number;
  log: Log;
}

/** Puts at a time: what one function's connections carry. */
const AT_ONCE = 25;

/**
 * Makes one delivery for each event and subscription that listens to it, and sends it on its way. Any step may be repeated: a delivery
 * has an id of its own, is put once, and one that still waits for its first attempt is sent again.
 * @returns the ids of the messages that have to come again.
 */
export function matchEvents(deps: MatchDeps): (messages: BusMessage[]) => Promise<string[]> {
  const { listeners, deliveries, send, clock, firstWait, log } = deps;

  async function tell(event: CloudEvent, subscriptionIds: string[]): Promise<void> {
    if (subscriptionIds.length === 0) return;
    const now = clock();
    await deliveries.putBody(event.id, JSON.stringify(event), now);
    for (let start = 0; start < subscriptionIds.length; start += AT_ONCE) {
      const made = subscriptionIds
        .slice(start, start + AT_ONCE)
        .map((id) => newDelivery(id, event, 'event', now, firstWait));
      const waits = await Promise.all(made.map((delivery) => deliveries.put(delivery)));
      await send(
        made.filter((_, index) => waits[index]).map(({ id }) => id),
        firstWait,
      );
    }
  }

  return async (messages) => {
    const whoListens = await listeners();
    const live = messages.filter(({ replay }) => !replay);
    const failures = await Promise.all(
      live.map(async ({ messageId, event }) => {
        try {
          await tell(event, whoListens(event));
          return [];
        } catch (error) {
          log.error('event not told', { messageId, eventId: event.id, error });
          return [messageId];
        }
      }),
    );
    return failures.flat();
  };
}
