import { Stack, type StackProps } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { TABLES, type TableDefinition, type TableName } from '../shared/store/keys.ts';
import type { Config } from './config.ts';
import { makeAlarmTopic } from './constructs/alarm-topic.ts';
import { Bus } from './constructs/bus.ts';
import { makeFailureBucket } from './constructs/failure-bucket.ts';
import type { Deployment } from './constructs/surroundings.ts';
import { makeKey, makeTable } from './constructs/table.ts';

/** The tables of the trail and of the witness stand in stacks of their own, so that other accounts can hold them. */
export type StatefulTable = Exclude<TableName, 'audit' | 'log' | 'witness'>;

/** What must outlive every deployment: tables, bus and archive, what the relay gave up on, and whom alarms reach. */
export class StatefulStack extends Stack {
  readonly tables: Record<StatefulTable, TableV2>;
  readonly bus: EventBus;
  readonly failures: Bucket;
  readonly deployment: Deployment;

  constructor(scope: Construct, id: string, config: Config, props?: StackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    this.deployment = { config, alarms: makeAlarmTopic(this) };
    const key = makeKey(this, 'TablesKey', 'Followthrough: tables');
    const names = (Object.entries(TABLES) as [TableName, TableDefinition][]).flatMap(([name, { stack }]) =>
      stack ? [] : [name],
    );
    this.tables = Object.fromEntries(names.map((name) => [name, makeTable(this, name, key)])) as Record<
      StatefulTable,
      TableV2
    >;
    this.bus = new Bus(this, 'Events', this.deployment).bus;
    this.failures = makeFailureBucket(this, config);
  }
}
