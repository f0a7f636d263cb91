import { describe, expect, it } from 'vitest';
import { FUNCTIONS, type FunctionWiring } from '../../functions/wiring.ts';
import type { Json } from '../../local/host/services.ts';
import { allowed, arnOfTable, names, reaching } from '../kit/grants.ts';
import {
  all,
  at,
  bucketOf,
  cloud,
  functionOf,
  keyOfBucket,
  objects,
  only,
  tableOf,
} from '../kit/template.ts';

const AUDIT = 'FollowthroughAudit';
const ofTheTrail = names.filter((name) => (FUNCTIONS[name] as FunctionWiring).stack === 'audit');
const dynamodb = (...actions: string[]) => actions.map((action) => `dynamodb:${action}`);
const s3 = (...actions: string[]) => actions.map((action) => `s3:${action}`);

/** What a statement of a bucket's policy forbids everybody, and under which condition. */
const denials = (label: string): Json[] => {
  const arn = cloud.arnOf(bucketOf(label));
  const policy = only(
    'AWS::S3::BucketPolicy',
    (one) => cloud.property(one, 'Bucket') === arn.split(':::')[1],
  );
  return objects(at(cloud.property(policy, 'PolicyDocument'), 'Statement')).filter(
    ({ Effect }) => Effect === 'Deny',
  );
};
const denialOf = (label: string, action: string): Json => {
  const [found, ...others] = denials(label).filter(({ Action }) => [Action].flat().includes(action));
  if (found === undefined || others.length > 0) throw new Error(`${others.length + 1} denials of ${action}`);
  return found;
};

describe('the audit stack', () => {
  it('holds the tables and buckets of the trail, and all functions that reach them', () => {
    const buckets = ['Log', 'Exports'].map(bucketOf);
    const tables = [tableOf('audit'), tableOf('log')];
    const arns = [...tables, ...buckets].map((one) => cloud.arnOf(one));
    const functions = [...new Set(arns.flatMap(reaching))];
    expect(functions).toEqual(expect.arrayContaining(['audit-record', 'audit-query']));
    expect(ofTheTrail).toEqual(expect.arrayContaining(functions));
    for (const { stack, label } of [...tables, ...buckets, ...ofTheTrail.map(functionOf)])
      expect(stack, label).toBe(AUDIT);
  });
});

describe('the audit table', () => {
  const arn = arnOfTable('audit');

  it('is written by those alone that record and sequence', () => {
    const writers = allowed(arn, dynamodb('PutItem', 'BatchWriteItem', 'PartiQLInsert'));
    expect(writers).toContain('audit-record');
    expect(['audit-record', 'audit-sequence', 'audit-manifest']).toEqual(expect.arrayContaining(writers));
  });

  it('is changed and deleted from by nobody', () => {
    const changing = dynamodb('UpdateItem', 'DeleteItem', 'BatchWriteItem', 'PartiQLUpdate', 'PartiQLDelete');
    expect(allowed(arn, changing)).toEqual([]);
  });
});

describe("the log's bucket", () => {
  const bucket = bucketOf('Log');
  const arn = cloud.arnOf(bucket);

  it('locks each object for ten years, so that nobody at all can delete it', () => {
    expect(cloud.property(bucket, 'ObjectLockEnabled')).toBe(true);
    expect(cloud.property(bucket, 'ObjectLockConfiguration')).toEqual({
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 3650 } },
    });
    expect(cloud.property(bucket, 'VersioningConfiguration')).toEqual({ Status: 'Enabled' });
    expect(cloud.property(bucket, 'LifecycleConfiguration')).toBeUndefined();
  });

  it('takes no object twice', () => {
    expect(denialOf('Log', 's3:PutObject')).toEqual({
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: 's3:PutObject',
      Resource: `${arn}/*`,
      Condition: { Null: { 's3:if-none-match': 'true' } },
    });
  });

  it.each([
    's3:DeleteObject',
    's3:DeleteObjectVersion',
    's3:PutObjectRetention',
    's3:PutObjectLegalHold',
    's3:BypassGovernanceRetention',
  ])('lets nobody but the root of the account %s', (action) => {
    expect(denialOf('Log', action)).toMatchObject({
      Principal: { AWS: '*' },
      Resource: `${arn}/*`,
      Condition: { ArnNotEquals: { 'aws:PrincipalArn': expect.stringMatching(/^arn:aws:iam::\d+:root$/) } },
    });
  });

  it.each([
    's3:DeleteBucketPolicy',
    's3:PutBucketPolicy',
    's3:PutBucketObjectLockConfiguration',
    's3:PutBucketVersioning',
    's3:PutLifecycleConfiguration',
    's3:PutReplicationConfiguration',
  ])('lets nobody but a deployment and root %s', (action) => {
    const { Resource, Condition } = denialOf('Log', action);
    expect(Resource).toBe(arn);
    expect(Condition).toEqual({
      ArnNotLike: {
        'aws:PrincipalArn': [
          expect.stringMatching(/^arn:aws:iam::\d+:root$/),
          expect.stringMatching(/^arn:aws:iam::\d+:role\/cdk-\*-cfn-exec-role-\*$/),
        ],
      },
    });
  });

  it('is written by functions of the trail, none of which may hide anything in it', () => {
    expect(ofTheTrail).toEqual(expect.arrayContaining(allowed(`${arn}/`, s3('PutObject'))));
    const hiding = s3('DeleteObject', 'DeleteObjectVersion', 'PutObjectRetention', 'AbortMultipartUpload');
    expect(allowed(arn, hiding)).toEqual([]);
  });
});

describe('the bucket of exports', () => {
  const bucket = bucketOf('Exports');

  it('is emptied after a month', () => {
    const [rule] = objects(at(cloud.property(bucket, 'LifecycleConfiguration'), 'Rules'));
    expect(rule).toMatchObject({ Status: 'Enabled', ExpirationInDays: 30 });
    // An older version would stay on after that.
    expect(cloud.property(bucket, 'VersioningConfiguration')).toBeUndefined();
    expect(cloud.property(bucket, 'ObjectLockEnabled')).toBeUndefined();
  });

  it('is reached by functions of the trail alone', () => {
    expect(ofTheTrail).toEqual(expect.arrayContaining(reaching(cloud.arnOf(bucket))));
  });
});

describe('every bucket', () => {
  const buckets = all('AWS::S3::Bucket').map((bucket) => bucket.label);

  it.each(buckets)('%s is private, under a key of its own, and takes nothing without TLS', (label) => {
    const bucket = bucketOf(label);
    expect(cloud.property(bucket, 'PublicAccessBlockConfiguration')).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    expect(denials(label)).toContainEqual(
      expect.objectContaining({ Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
    const users = [
      ...all('AWS::S3::Bucket').map(keyOfBucket),
      ...all('AWS::DynamoDB::GlobalTable').map((table) =>
        String(at(objects(cloud.property(table, 'Replicas'))[0], 'SSESpecification', 'KMSMasterKeyId')),
      ),
    ];
    expect(users.filter((key) => key === keyOfBucket(bucket))).toHaveLength(1);
  });
});
