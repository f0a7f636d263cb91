import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { makeKey } from './table.ts';

/** A private bucket under a key of its own, reached by TLS alone, kept when its stack goes. */
export const makeBucket = (
  scope: Construct,
  id: string,
  description: string,
  props: Pick<
    BucketProps,
    'versioned' | 'lifecycleRules' | 'objectLockEnabled' | 'objectLockDefaultRetention'
  >,
): Bucket =>
  new Bucket(scope, id, {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    encryption: BucketEncryption.KMS,
    encryptionKey: makeKey(scope, `${id}Key`, description),
    // One data key for many objects: KMS is asked, and paid, less often.
    bucketKeyEnabled: true,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    removalPolicy: RemovalPolicy.RETAIN,
    ...props,
  });

/** A function's grant names all objects of a bucket; cdk-nag wants that acknowledged by the name that the bucket's ARN has in the template. */
export function acknowledgeObjectKeys(holder: Construct, bucket: Bucket): void {
  const name = Stack.of(holder) === bucket.stack ? ownName(bucket) : exportedName(bucket);
  Validations.of(holder).acknowledge({
    id: `AwsSolutions-IAM5[Resource::${name}/*]`,
    reason:
      'The wildcard stands for the keys of the objects, which are made up when they are written; actions and bucket are named.',
  });
}

function ownName(bucket: Bucket): string {
  const { 'Fn::GetAtt': attribute }: { 'Fn::GetAtt': string[] } = bucket.stack.resolve(bucket.bucketArn);
  return `<${attribute.join('.')}>`;
}

function exportedName(bucket: Bucket): string {
  const exported: { 'Fn::ImportValue': string } = bucket.stack.resolve(
    bucket.stack.exportValue(bucket.bucketArn),
  );
  return exported['Fn::ImportValue'];
}
