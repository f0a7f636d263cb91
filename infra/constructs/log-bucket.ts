import { Duration, Stack, Validations } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type Bucket, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { makeBucket } from './bucket.ts';

/** What would hide an object, or shorten or end its lock. A marker of deletion would free its key for another one. */
const HIDING = [
  's3:DeleteObject',
  's3:DeleteObjectVersion',
  's3:PutObjectRetention',
  's3:PutObjectLegalHold',
  's3:BypassGovernanceRetention',
];

/** What would loosen the rules of the bucket itself. */
const LOOSENING = [
  's3:DeleteBucket',
  's3:DeleteBucketPolicy',
  's3:PutBucketPolicy',
  's3:PutBucketObjectLockConfiguration',
  's3:PutBucketVersioning',
  's3:PutLifecycleConfiguration',
  's3:PutReplicationConfiguration',
  's3:PutEncryptionConfiguration',
];

/**
 * Holds the log: tiles, checkpoints and manifests. Each object is created once and locked from then on, so that the history that was
 * published stands whoever would rather have another one. Only the account's root user can undo the rules, and not even it the locks.
 */
export function makeLogBucket(scope: Construct, { logLock, deployer }: Config): Bucket {
  const bucket = makeBucket(scope, 'Log', 'Followthrough: the log', {
    versioned: true,
    objectLockEnabled: true,
    objectLockDefaultRetention: ObjectLockRetention.compliance(logLock),
  });
  const { partition, account } = Stack.of(scope);
  const root = `arn:${partition}:iam::${account}:root`;
  const forbid = (actions: string[], resource: string, conditions: Record<string, Record<string, unknown>>) =>
    bucket.addToResourcePolicy(
      new PolicyStatement({
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions,
        resources: [resource],
        conditions,
      }),
    );
  const objects = bucket.arnForObjects('*');
  // Uploads in parts and copies can't carry the condition, so there are none.
  forbid(['s3:PutObject'], objects, { Null: { 's3:if-none-match': 'true' } });
  forbid(HIDING, objects, { ArnNotEquals: { 'aws:PrincipalArn': root } });
  forbid(LOOSENING, bucket.bucketArn, {
    ArnNotLike: { 'aws:PrincipalArn': [root, `arn:${partition}:iam::${account}:role/${deployer}`] },
  });
  acknowledgeNoAccessLog(
    bucket,
    'Nothing in it is secret but the entries, which functions alone read and hand to auditors with an entry in the trail; all else is public.',
  );
  return bucket;
}

/** What auditors take away. It can be made again from the log, so it is neither versioned nor locked. */
export function makeExportBucket(scope: Construct, { exportRetention }: Config): Bucket {
  const bucket = makeBucket(scope, 'Exports', 'Followthrough: exports of the trail', {
    versioned: false,
    lifecycleRules: [{ expiration: exportRetention, abortIncompleteMultipartUploadAfter: Duration.days(1) }],
  });
  acknowledgeNoAccessLog(bucket, 'Each export and each download of one is an entry of the trail.');
  return bucket;
}

const acknowledgeNoAccessLog = (bucket: Bucket, reason: string): void =>
  Validations.of(bucket).acknowledge({ id: 'AwsSolutions-S1', reason });
