import type { Log } from '../../shared/runtime/log.ts';
import { locate } from '../../shared/store/delivery.ts';
import type { Became } from './attempt.ts';

/** One message of the deliveries queue. */
export interface DeliveryMessage {
  messageId: string;
  deliveryId: string;
}

/** @throws where it holds no id of a delivery. */
export function readDeliveryMessage(body: string, messageId: string): DeliveryMessage {
  const { deliveryId } = JSON.parse(body) as { deliveryId?: unknown };
  if (typeof deliveryId !== 'string' || !locate(deliveryId)) throw new TypeError('not the id of a delivery');
  return { messageId, deliveryId };
}

/** While an endpoint answers well, it gets its events one after the other, for so long; then the rest at once. */
const IN_TURN_MS = 15_000;

/**
 * Attempts a batch: endpoints side by side, so that none waits for another; the deliveries of one endpoint in the order of their
 * events for as long as they succeed. Two attempts of 15 s at most follow each other.
 * @returns the ids of the messages that have to come again.
 */
export function deliverBatch(deps: {
  attempt: (deliveryId: string) => Promise<Became>;
  log: Log;
  /** Milliseconds, only ever growing. */
  elapsed: () => number;
}): (messages: DeliveryMessage[]) => Promise<string[]> {
  const { attempt, log, elapsed } = deps;

  async function handle({
    messageId,
    deliveryId,
  }: DeliveryMessage): Promise<{ well: boolean; again: string[] }> {
    try {
      const became = await attempt(deliveryId);
      return { well: became === 'delivered' || became === 'nothing', again: [] };
    } catch (error) {
      log.error('delivery not attempted', { messageId, deliveryId, error });
      return { well: false, again: [messageId] };
    }
  }

  async function inTurn(messages: DeliveryMessage[]): Promise<string[]> {
    const end = elapsed() + IN_TURN_MS;
    const again: string[] = [];
    const waiting = [...messages].sort((a, b) => (a.deliveryId < b.deliveryId ? -1 : 1));
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const done = await handle(next);
      again.push(...done.again);
      if (!done.well || elapsed() > end) break;
    }
    const rest = await Promise.all(waiting.map(handle));
    return [...again, ...rest.flatMap((done) => done.again)];
  }

  return async (messages) => {
    const bySubscription = Object.groupBy(
      messages,
      ({ deliveryId }) => locate(deliveryId)?.subscriptionId ?? '',
    );
    const again = await Promise.all(Object.values(bySubscription).map((group = []) => inTurn(group)));
    return again.flat();
  };
}
