import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../functions/output.ts';
import type { FunctionRunner } from '../functions/runner.ts';
import type { Queue } from '../provision/queues.ts';
import type { Json, Services } from '../services.ts';
import { type AsynchronousRules, invokeAsynchronously } from './asynchronous.ts';
import type { Target } from './rules.ts';

/** One event for one target. */
export interface Parcel {
  target: Target;
  /** The event's id; the deduplication id of a FIFO target. */
  id: string;
  body: string;
}

/** Puts parcels where they belong; answers those that reached neither their target nor its dead-letter queue. */
export type Deliver = (parcels: Parcel[]) => Promise<Set<Parcel>>;

export interface DeliveryOptions {
  services: Services;
  queueOf(arn: string): Queue | undefined;
  runnerOf(arn: string): FunctionRunner | undefined;
  /** By physical name of the function. */
  asynchronous: Map<string, AsynchronousRules>;
  log: Log;
}

/** Waits before each further attempt, in ms. EventBridge tries for up to 24 hours; here the sender tries again. */
const waits = [50, 200, 800];
/** SQS takes at most 10 messages a call. */
const batchSize = 10;

export function makeDelivery({ services, queueOf, runnerOf, asynchronous, log }: DeliveryOptions): Deliver {
  async function attempt(arn: string, parcels: Parcel[]): Promise<Parcel[]> {
    const queue = queueOf(arn);
    if (queue) return sendAll(services, queue, parcels);
    const runner = runnerOf(arn);
    if (!runner) throw new Error(`no target ${arn}`);
    const rules = asynchronous.get(runner.definition.name);
    await Promise.all(parcels.map(({ body }) => invokeAsynchronously(runner, body, rules, sendFailure)));
    // The function has it now, and Lambda's own failure destination what it cannot do.
    return [];
  }

  async function sendFailure(arn: string, MessageBody: string): Promise<void> {
    const queue = queueOf(arn);
    if (!queue) throw new Error(`no failure destination ${arn}`);
    await services.sqs('SendMessage', { QueueUrl: queue.url, MessageBody });
  }

  async function deliverTo(arn: string, parcels: Parcel[]): Promise<Parcel[]> {
    let left = parcels;
    for (let tries = 0; left.length > 0; tries++) {
      try {
        left = await attempt(arn, left);
      } catch (error) {
        log(`bus: ${arn}: ${String(error)}`);
      }
      const wait = waits[tries];
      if (left.length === 0 || wait === undefined) break;
      await sleep(wait);
    }
    return left;
  }

  return async (parcels) => {
    const lost = new Set<Parcel>();
    const byTarget = Map.groupBy(parcels, (parcel) => parcel.target);
    const deliveries = [...byTarget].map(async ([target, own]) => {
      const left = await deliverTo(target.arn, own);
      if (left.length === 0) return;
      const dead = target.deadLetterArn ? await deliverTo(target.deadLetterArn, left) : left;
      for (const parcel of dead) lost.add(parcel);
    });
    await Promise.all(deliveries);
    return lost;
  };
}

async function sendAll(services: Services, queue: Queue, parcels: Parcel[]): Promise<Parcel[]> {
  const failed: Parcel[] = [];
  for (let from = 0; from < parcels.length; from += batchSize) {
    const batch = parcels.slice(from, from + batchSize);
    const Entries = batch.map((parcel, index) => message(queue, parcel, String(index)));
    const answer = await services.sqs('SendMessageBatch', { QueueUrl: queue.url, Entries });
    for (const { Id } of (answer['Failed'] ?? []) as Json[]) {
      const parcel = batch[Number(Id)];
      if (parcel) failed.push(parcel);
    }
  }
  return failed;
}

function message(queue: Queue, { target, id, body }: Parcel, Id: string): Json {
  if (!queue.fifo) return { Id, MessageBody: body };
  return {
    Id,
    MessageBody: body,
    MessageGroupId: target.messageGroupId ?? 'default',
    // EventBridge leaves deduplication to the queue, by content; the id makes a batch sent again one message.
    MessageDeduplicationId: createHash('sha256').update(id).digest('hex'),
  };
}
