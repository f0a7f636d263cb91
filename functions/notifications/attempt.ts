import type { Clock } from '../../shared/runtime/clock.ts';
import type { Log } from '../../shared/runtime/log.ts';
import type { Deliveries, Leased, Settled } from '../../shared/store/deliveries.ts';
import { later } from '../../shared/store/delivery.ts';
import type { Known, Subscription, Subscriptions } from '../../shared/store/subscriptions.ts';
import type { Client, Outcome } from './client.ts';
import { makePatience, type PatienceDeps } from './patience.ts';
import { LONGEST_DELAY, type Send } from './queue.ts';
import { nextWait, type Schedule } from './schedule.ts';
import { signing } from './secrets.ts';
import { signed } from './signature.ts';
import { gone, verified } from './verify-endpoint.ts';

export interface AttemptDeps extends PatienceDeps {
  subscriptions: PatienceDeps['subscriptions'] & Pick<Subscriptions, 'withSecrets' | 'one' | 'change'>;
  deliveries: Pick<Deliveries, 'claim' | 'body' | 'keepAttempt' | 'settle' | 'pendingOf' | 'release'>;
  client: Client;
  send: Send;
  schedule: Schedule;
  clock: Clock;
  /** 0 ≤ random() < 1. */
  random: () => number;
  newLease: () => string;
  log: Log;
}

/** What became of a delivery: `nothing` where somebody else has it, it isn't due, or it is over. */
export type Became = 'delivered' | 'failed' | 'retry' | 'held' | 'nothing';

/** Longer than an attempt and what is written about it: 15 s of waiting at most. */
const LEASE_SECONDS = 45;

/** Makes one attempt at a delivery: claim, sign, post, record, decide what comes next. */
export function attempt(deps: AttemptDeps): (deliveryId: string) => Promise<Became> {
  const { subscriptions, deliveries, client, send, schedule, clock, random, newLease, log } = deps;
  const patience = makePatience(deps);

  return async function once(id): Promise<Became> {
    const now = clock();
    const leased = await deliveries.claim(id, newLease(), now, later(now, LEASE_SECONDS));
    if (!leased) return 'nothing';
    const [known, body] = await Promise.all([
      subscriptions.withSecrets(leased.subscriptionId),
      deliveries.body(leased.eventId),
    ]);
    if (!known) return fail(leased, 'the subscription was deleted');
    const { subscription } = known;
    const verdict = verdictOn(leased, subscription);
    if (verdict === 'hold') return hold(leased);
    if (verdict !== 'send') return fail(leased, verdict.no);
    if (body === null) return fail(leased, 'its content is no longer kept');
    const wait = await patience.waitFor(leased, known);
    if (wait > 0) return postpone(leased, wait);
    const outcome = await patience.watch(known, () => post(leased, known, body));
    return conclude(leased, subscription, outcome);
  };

  async function post(leased: Leased, { subscription, secrets }: Known, body: string): Promise<Outcome> {
    const { url } = subscription.channel;
    const startedAt = clock();
    const usable = signing(secrets, startedAt).map(({ secret }) => secret);
    const headers = {
      'content-type': 'application/cloudevents+json',
      'user-agent': 'Followthrough-Webhooks/1.0',
      ...signed(usable, leased.eventId, startedAt, body),
    };
    const outcome = await client({ url, headers, body });
    const endedAt = clock();
    await deliveries.keepAttempt(
      leased.id,
      {
        n: leased.attempts + 1,
        startedAt,
        durationMs: Date.parse(endedAt) - Date.parse(startedAt),
        url,
        request: { headers },
        response: outcome.response,
        error: outcome.error,
      },
      endedAt,
    );
    return outcome;
  }

  async function conclude(leased: Leased, subscription: Subscription, outcome: Outcome): Promise<Became> {
    const now = clock();
    const made = leased.attempts + 1;
    const status = outcome.response?.status ?? 0;
    if (status >= 200 && status < 300) {
      // Before it is settled: should this stop half way, the verification is sent again and goes on from there.
      if (leased.kind === 'verification') await verified(leased, now, deps);
      await settle(leased, { status: 'delivered', attempts: made, nextAttemptAt: null, reason: null });
      return 'delivered';
    }
    if (status === 410) {
      await gone(leased, subscription.channel.url, now, deps);
      return fail(leased, 'the endpoint is gone (410)', made);
    }
    const wait = nextWait(schedule, made - leased.earlier, outcome.retryAfter, now, random());
    if (wait === null) return fail(leased, `${made - leased.earlier} attempts failed`, made);
    return postpone({ ...leased, attempts: made }, wait);
  }

  async function postpone(leased: Leased, seconds: number): Promise<Became> {
    await settle(leased, {
      status: 'pending',
      attempts: leased.attempts,
      nextAttemptAt: later(clock(), seconds),
      reason: null,
    });
    // What waits longer than a message can is found by the sweep.
    if (seconds <= LONGEST_DELAY) await send([leased.id], seconds);
    return 'retry';
  }

  async function fail(leased: Leased, reason: string, attempts = leased.attempts): Promise<Became> {
    await settle(leased, { status: 'failed', attempts, nextAttemptAt: null, reason });
    return 'failed';
  }

  /** Puts it aside until the endpoint is verified. */
  async function hold(leased: Leased): Promise<Became> {
    await settle(leased, {
      status: 'pending',
      attempts: leased.attempts,
      nextAttemptAt: null,
      reason: null,
    });
    // The endpoint may have been verified, and all that waited released, before this one was put aside.
    const standing = await subscriptions.one(leased.subscriptionId);
    if (!standing || verdictOn(leased, standing) === 'hold') return 'held';
    if (await deliveries.release(leased.id, clock())) await send([leased.id], 0);
    return 'retry';
  }

  async function settle(leased: Leased, next: Settled): Promise<void> {
    const written = await deliveries.settle(leased, next);
    log.info('delivery', { deliveryId: leased.id, attempts: next.attempts, status: next.status, written });
  }
}

/** Whether a delivery may be sent as its subscription stands, has to wait for its verification, or never will be. */
function verdictOn(delivery: Leased, subscription: Subscription): 'send' | 'hold' | { no: string } {
  if (subscription.status === 'disabled') return { no: 'the subscription is disabled' };
  if (delivery.kind === 'verification') {
    if (subscription.verification !== delivery.id) return { no: 'a later verification replaced it' };
    return subscription.active ? 'send' : { no: 'the subscription is switched off' };
  }
  return subscription.active && subscription.status === 'verified' ? 'send' : 'hold';
}
