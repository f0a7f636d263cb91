import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { makeKey } from './table.ts';

/** Where the relay's records go, with their payload, when they could not be put on the bus. */
export function makeFailureBucket(scope: Construct, { failureRetention }: Config): Bucket {
  const bucket = new Bucket(scope, 'Failures', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    encryption: BucketEncryption.KMS,
    encryptionKey: makeKey(scope, 'FailuresKey', 'Followthrough: records that the relay gave up on'),
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    versioned: true,
    removalPolicy: RemovalPolicy.RETAIN,
    lifecycleRules: [
      {
        expiration: failureRetention,
        noncurrentVersionExpiration: failureRetention,
        abortIncompleteMultipartUploadAfter: Duration.days(7),
      },
    ],
  });
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason:
      'Nothing reads this bucket in ordinary operation, each object in it has rung an alarm, and whoever opens one uses its key, which CloudTrail records.',
  });
  return bucket;
}

/** The relay's grant names all objects of the bucket; cdk-nag wants that acknowledged by the name under which the ARN is exported. */
export function acknowledgeObjectKeys(relay: Construct, bucket: Bucket): void {
  const exported: { 'Fn::ImportValue': string } = bucket.stack.resolve(
    bucket.stack.exportValue(bucket.bucketArn),
  );
  Validations.of(relay).acknowledge({
    id: `AwsSolutions-IAM5[Resource::${exported['Fn::ImportValue']}/*]`,
    reason:
      'The wildcard stands for the keys of the objects, which Lambda makes up when it gives a batch up; action and bucket are named.',
  });
}
