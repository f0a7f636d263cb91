import type { Clock } from '../../shared/runtime/clock.ts';
import type { Log } from '../../shared/runtime/log.ts';
import type { Acts } from '../../shared/store/acts.ts';
import type { Deliveries, Leased, Settled } from '../../shared/store/deliveries.ts';
import { later } from '../../shared/store/delivery.ts';
import type { Known, Subscription, Subscriptions } from '../../shared/store/subscriptions.ts';
import type { Told } from '../../shared/store/told.ts';
import type { Client, Outcome } from './client.ts';
import { deliveryAct, type Ending, GIVEN_UP, type GivenUp } from './delivery-act.ts';
import { makePatience, type PatienceDeps } from './patience.ts';
import { LONGEST_DELAY, type Send } from './queue.ts';
import { nextWait, type Schedule } from './schedule.ts';
import { signing } from './secrets.ts';
import { signed } from './signature.ts';
import { gone, verified } from './verify-endpoint.ts';

export interface AttemptDeps extends PatienceDeps {
  subscriptions: PatienceDeps['subscriptions'] & Pick<Subscriptions, 'withSecrets' | 'one' | 'change'>;
  deliveries: Pick<Deliveries, 'claim' | 'body' | 'keepAttempt' | 'settle' | 'pendingOf' | 'release'>;
  /** Tells the audit trail how each delivery ended. */
  acts: Pick<Acts, 'put'>;
  client: Client;
  send: Send;
  schedule: Schedule;
  clock: Clock;
  /** 0 ≤ random() < 1. */
  random: () => number;
  newLease: () => string;
  newCommandId: () => string;
  log: Log;
}

/** What became of a delivery: `nothing` where somebody else has it, it isn't due, or it is over. */
export type Became = 'delivered' | 'failed' | 'retry' | 'held' | 'nothing';

/** Longer than an attempt and what is written about it: 15 s of waiting at most. */
const LEASE_SECONDS = 45;

/** Makes one attempt at a delivery: claim, sign, post, record, decide what comes next. */
export function attempt(deps: AttemptDeps): (deliveryId: string) => Promise<Became> {
  const { subscriptions, deliveries, acts, client, send, schedule, clock, random, newLease, log } = deps;
  const patience = makePatience(deps);

  return async function once(id): Promise<Became> {
    const now = clock();
    const leased = await deliveries.claim(id, newLease(), now, later(now, LEASE_SECONDS));
    if (!leased) return 'nothing';
    const [known, body] = await Promise.all([
      subscriptions.withSecrets(leased.subscriptionId),
      deliveries.body(leased.eventId),
    ]);
    if (!known) return fail(leased, 'subscription-deleted', null);
    const { subscription } = known;
    const verdict = verdictOn(leased, subscription);
    if (verdict === 'hold') return hold(leased);
    if (verdict !== 'send') return fail(leased, verdict.no, subscription);
    if (body === null) return fail(leased, 'content-expired', subscription);
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
    const status = outcome.response?.status ?? null;
    if (status !== null && status >= 200 && status < 300) {
      // Before it is settled: should this stop half way, the verification is sent again and goes on from there.
      if (leased.kind === 'verification') await verified(leased, now, deps);
      await end(leased, { code: null, attempts: made, status, owner: subscription.owner });
      return 'delivered';
    }
    if (status === 410) {
      await gone(leased, subscription.channel.url, now, deps);
      return fail(leased, 'endpoint-gone', subscription, made, status);
    }
    const wait = nextWait(schedule, made - leased.earlier, outcome.retryAfter, now, random());
    if (wait === null) return fail(leased, 'attempts-failed', subscription, made, status);
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

  async function fail(
    leased: Leased,
    code: GivenUp,
    subscription: Subscription | null,
    attempts = leased.attempts,
    status: number | null = null,
  ): Promise<Became> {
    await end(leased, { code, attempts, status, owner: subscription?.owner ?? null });
    return 'failed';
  }

  /** Its end is told in the same transaction: once, whoever else has the message too. */
  async function end(leased: Leased, ending: Ending): Promise<void> {
    const { code, attempts } = ending;
    const count = code === 'attempts-failed' ? `${attempts - leased.earlier} ` : '';
    const reason = code && count + GIVEN_UP[code];
    const act = deliveryAct(leased, ending, clock(), deps.newCommandId());
    await settle(
      leased,
      { status: code ? 'failed' : 'delivered', attempts, nextAttemptAt: null, reason },
      () => acts.put(act),
    );
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

  async function settle(leased: Leased, next: Settled, told?: Told): Promise<void> {
    const written = await deliveries.settle(leased, next, told);
    log.info('delivery', { deliveryId: leased.id, attempts: next.attempts, status: next.status, written });
  }
}

/** Whether a delivery may be sent as its subscription stands, has to wait for its verification, or never will be. */
function verdictOn(delivery: Leased, subscription: Subscription): 'send' | 'hold' | { no: GivenUp } {
  if (subscription.status === 'disabled') return { no: 'subscription-disabled' };
  if (delivery.kind === 'verification') {
    if (subscription.verification !== delivery.id) return { no: 'verification-replaced' };
    return subscription.active ? 'send' : { no: 'subscription-off' };
  }
  return subscription.active && subscription.status === 'verified' ? 'send' : 'hold';
}
