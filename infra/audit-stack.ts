import { Stack, type StackProps } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { BucketName } from '../functions/wiring.ts';
import { alarmOnTrail, alarmOnWaiting, alarmOnWitnesses } from './constructs/alarms.ts';
import { makeExportBucket, makeLogBucket } from './constructs/log-bucket.ts';
import { makeSigningKey } from './constructs/signing-key.ts';
import { found, type Issuer } from './constructs/surroundings.ts';
import { makeKey, makeTable } from './constructs/table.ts';
import { type Functions, makeWorkload } from './constructs/workload.ts';
import type { StatefulStack } from './stateful-stack.ts';

export interface AuditNeeds {
  stateful: StatefulStack;
  issuer: Issuer;
  /** Addresses of the witnesses. */
  witnesses: readonly string[];
}

/** The trail and its log: tables and buckets under keys of their own, the key that signs, and the only functions that reach them. */
export class AuditStack extends Stack {
  readonly tables: Record<'audit' | 'log', TableV2>;
  readonly buckets: Record<BucketName, Bucket>;
  readonly functions: Functions;

  constructor(scope: Construct, id: string, { stateful, issuer, witnesses }: AuditNeeds, props?: StackProps) {
    super(scope, id, { ...props, terminationProtection: true });
    const { bus, deployment, failures, tables } = stateful;
    const key = makeKey(this, 'AuditKey', 'Followthrough: audit trail');
    this.tables = { audit: makeTable(this, 'audit', key), log: makeTable(this, 'log', key) };
    this.buckets = {
      log: makeLogBucket(this, deployment.config),
      exports: makeExportBucket(this, deployment.config),
    };
    const around = {
      tables: { ...tables, ...this.tables },
      buckets: this.buckets,
      keys: { log: makeSigningKey(this, 'LogSigningKey', 'Followthrough: signs the log') },
      witnesses,
      bus,
      issuer,
      failures,
    };
    this.functions = makeWorkload(this, 'audit', around, deployment);
    alarmOnTrail(this, Object.values(this.functions), deployment);
    const sequencer = found(this.functions, 'audit-sequence');
    alarmOnWaiting(sequencer, deployment);
    alarmOnWitnesses(sequencer, deployment);
  }
}
