import type { Clock } from '../../shared/runtime/clock.ts';
import type { Log } from '../../shared/runtime/log.ts';
import { type Delivery, later } from '../../shared/store/delivery.ts';
import type { SlowEndpoints } from '../../shared/store/slow-endpoints.ts';
import type { Known } from '../../shared/store/subscriptions.ts';
import type { Outcome } from './client.ts';

export interface PatienceDeps {
  subscriptions: SlowEndpoints;
  clock: Clock;
  random: () => number;
  /** An attempt that waits longer than this makes its endpoint slow. */
  slowAfterMs?: number;
  log: Log;
}

export interface Patience {
  /** Seconds that a delivery has to wait for its endpoint to recover; 0 where it may be attempted. */
  waitFor(delivery: Delivery, known: Known): Promise<number>;
  /** Watches an attempt, and remembers whether its endpoint lets it wait. */
  watch(known: Known, attempt: () => Promise<Outcome>): Promise<Outcome>;
}

const SLOW_AFTER_MS = 2000;
/** As long as an attempt may take; doubled with each timeout, up to five minutes. */
const PAUSE_SECONDS = 15;
const LONGEST_PAUSE_SECONDS = 300;
const SPREAD_SECONDS = 10;

/**
 * An endpoint that hangs would in the end hold every place in the queue's concurrency for 15 s each, and so delay everybody. So as long
 * as one is slow, new deliveries to it wait, but for one at a time that finds out. Retries keep to their schedule. A healthy endpoint
 * costs nothing here.
 */
export function makePatience(deps: PatienceDeps): Patience {
  const { subscriptions, clock, random, slowAfterMs = SLOW_AFTER_MS, log } = deps;
  const current = ({ slow, subscription }: Known) => (slow?.url === subscription.channel.url ? slow : null);
  return {
    async waitFor(delivery, known) {
      const slow = current(known);
      const isNew = delivery.kind === 'event' && delivery.attempts === delivery.earlier;
      if (!slow || !isNew) return 0;
      const now = clock();
      const turn = later(now, PAUSE_SECONDS);
      if (slow.until <= now && (await subscriptions.takeTurn(known.subscription.id, slow, turn))) return 0;
      const until = slow.until > now ? slow.until : turn;
      return (Date.parse(until) - Date.parse(now)) / 1000 + SPREAD_SECONDS * random();
    },

    async watch(known, attempt) {
      const { id, channel } = known.subscription;
      const before = current(known);
      const timeouts = before?.timeouts ?? 0;
      let marking: Promise<void> | undefined;
      const keep = (seconds: number, count: number) =>
        subscriptions.keepSlow(id, { url: channel.url, until: later(clock(), seconds), timeouts: count });
      const timer = setTimeout(() => {
        marking = keep(PAUSE_SECONDS, timeouts).catch((error: unknown) =>
          log.error('slow endpoint not noted', { subscriptionId: id, error }),
        );
      }, slowAfterMs);
      const outcome = await attempt().finally(() => clearTimeout(timer));
      await marking;
      if (outcome.timedOut)
        await keep(Math.min(PAUSE_SECONDS * 2 ** timeouts, LONGEST_PAUSE_SECONDS), timeouts + 1);
      else if (before || marking) await subscriptions.forgetSlow(id);
      return outcome;
    },
  };
}
