import { Duration } from 'aws-cdk-lib';
import { type EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { SUBSCRIPTIONS, type SubscriptionWiring } from '../../functions/wiring.ts';
import { deadLetterQueue, WorkQueue } from './queue.ts';
import type { Deployment } from './surroundings.ts';

export type SubscriptionName = keyof typeof SUBSCRIPTIONS;

/** EventBridge tries for 24 hours and 185 times at most. */
const LONGEST = { maxEventAge: Duration.hours(24), retryAttempts: 185 };

/** A rule of the bus and the queue that it fills; what can't be delivered goes to a dead-letter queue of its own. */
export class Subscription extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, name: SubscriptionName, bus: EventBus, deployment: Deployment) {
    super(scope, `${name}-subscription`);
    const wiring: SubscriptionWiring = SUBSCRIPTIONS[name];
    this.queue = new WorkQueue(this, 'Work', wiring, deployment).queue;
    new Rule(this, 'Rule', {
      description: `Followthrough: events for ${name}`,
      eventBus: bus,
      eventPattern: { source: [...wiring.source] },
      targets: [
        new SqsQueue(this.queue, {
          ...LONGEST,
          // Never FIFO: EventBridge gives dead letters to standard queues only.
          deadLetterQueue: deadLetterQueue(this, 'Undelivered', deployment),
          // One group is one writer at a time.
          ...(wiring.fifo && { messageGroupId: name }),
        }),
      ],
    });
  }
}
