import { Duration, Validations } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { FUNCTIONS, type QueueWiring } from '../../functions/wiring.ts';
import { alarmOnMessages } from './alarms.ts';
import type { Deployment } from './surroundings.ts';

export type WorkQueueWiring = Pick<QueueWiring, 'function' | 'receives'> & { fifo?: true };

/** SQS advises six times the function's timeout, so that no message comes again while its batch is retried. */
const VISIBILITY_TIMES_TIMEOUT = 6;

/** A queue that a function works off, and where a message goes that it could not. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, wiring: WorkQueueWiring, deployment: Deployment) {
    super(scope, id);
    const fifo = wiring.fifo ?? false;
    this.deadLetters = deadLetterQueue(this, 'DeadLetters', deployment, fifo);
    this.queue = new Queue(this, 'Queue', {
      ...SAFE,
      ...(fifo && {
        fifo,
        // EventBridge gives no deduplication id. The body holds the id of the entry on the bus, so two events never
        // have the same content; only a second delivery of one entry has.
        contentBasedDeduplication: true,
      }),
      visibilityTimeout: Duration.seconds(FUNCTIONS[wiring.function].timeout * VISIBILITY_TIMES_TIMEOUT),
      retentionPeriod: deployment.config.deadLetterRetention,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: wiring.receives },
    });
  }
}

/** Holds what could not be worked off, or not be delivered, until someone sends it again; an alarm rings meanwhile. */
export function deadLetterQueue(scope: Construct, id: string, deployment: Deployment, fifo = false): Queue {
  const retentionPeriod = deployment.config.deadLetterRetention;
  const queue = new Queue(scope, id, { ...SAFE, ...(fifo && { fifo }), retentionPeriod });
  Validations.of(queue).acknowledge({
    id: 'AwsSolutions-SQS3',
    reason: 'This is a dead-letter queue itself; an alarm rings as soon as it holds a message.',
  });
  alarmOnMessages(queue, deployment);
  return queue;
}

const SAFE = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
