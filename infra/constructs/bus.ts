import { RemovalPolicy } from 'aws-cdk-lib';
import { Archive, EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { EVENT_SOURCE, REFUSAL_SOURCE } from '../../functions/wiring.ts';
import { deadLetterQueue } from './queue.ts';
import type { Deployment } from './surroundings.ts';
import { makeKey } from './table.ts';

/** The bus and its archive. */
export class Bus extends Construct {
  readonly bus: EventBus;

  constructor(scope: Construct, id: string, deployment: Deployment) {
    super(scope, id);
    // Events that the bus's key kept from being written or read.
    const undecipherable = deadLetterQueue(this, 'Undecipherable', deployment);
    this.bus = new EventBus(this, 'Bus', {
      description: 'Followthrough: what happened',
      kmsKey: makeKey(this, 'Key', 'Followthrough: events on the bus'),
      deadLetterQueue: undecipherable,
    });
    this.bus.applyRemovalPolicy(RemovalPolicy.RETAIN);
    undecipherable.addToResourcePolicy(
      new PolicyStatement({
        actions: ['sqs:SendMessage'],
        principals: [new ServicePrincipal('events.amazonaws.com')],
        resources: [undecipherable.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': this.bus.eventBusArn } },
      }),
    );
    new Archive(this, 'Archive', {
      description: 'Followthrough: replayed into new consumers',
      sourceEventBus: this.bus,
      eventPattern: { source: [EVENT_SOURCE, REFUSAL_SOURCE] },
      retention: deployment.config.archiveRetention,
      // Its key's policy names the bus, which names its own key: one key for both would be a circle.
      kmsKey: makeKey(this, 'ArchiveKey', 'Followthrough: archived events'),
    }).applyRemovalPolicy(RemovalPolicy.RETAIN);
  }
}
