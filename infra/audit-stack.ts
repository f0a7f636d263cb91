import { Stack, type StackProps } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { alarmOnTrail } from './constructs/alarms.ts';
import { found, type Issuer } from './constructs/surroundings.ts';
import { makeKey, makeTable } from './constructs/table.ts';
import { type Functions, makeWorkload } from './constructs/workload.ts';
import type { StatefulStack } from './stateful-stack.ts';

/** The trail: its table under a key of its own, and the only functions that reach it. */
export class AuditStack extends Stack {
  readonly table: TableV2;
  readonly functions: Functions;

  constructor(scope: Construct, id: string, stateful: StatefulStack, issuer: Issuer, props?: StackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const { bus, deployment, failures, tables } = stateful;
    this.table = makeTable(this, 'audit', makeKey(this, 'AuditKey', 'Followthrough: audit trail'));
    const around = { tables: { ...tables, audit: this.table }, bus, issuer, failures };
    this.functions = makeWorkload(this, 'audit', around, deployment);
    alarmOnTrail(found(this.functions, 'audit-record'), deployment);
  }
}
