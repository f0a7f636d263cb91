import { Duration, Validations } from 'aws-cdk-lib';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { makeBucket } from './bucket.ts';

/** Where the relay's records go, with their payload, when they could not be put on the bus. */
export function makeFailureBucket(scope: Construct, { failureRetention }: Config): Bucket {
  const bucket = makeBucket(scope, 'Failures', 'Followthrough: records that the relay gave up on', {
    versioned: true,
    lifecycleRules: [
      {
        expiration: failureRetention,
        noncurrentVersionExpiration: Duration.days(1),
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
