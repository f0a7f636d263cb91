import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { EVENT_SOURCE, REFUSAL_SOURCE } from '../../functions/wiring.ts';
import type { Json } from '../../local/host/services.ts';
import { TABLES, type TableDefinition } from '../../shared/store/keys.ts';
import {
  all,
  at,
  bucketOf,
  cloud,
  objects,
  only,
  propertiesOf,
  tableNames,
  tableOf,
} from '../kit/template.ts';

/** The template itself: policies of removal stand beside the properties. */
const raw = (stack: string): Record<string, Json> =>
  JSON.parse(readFileSync(join(inject('assembly'), `${stack}.template.json`), 'utf8')).Resources;

const keyByArn = (arn: unknown) => only('AWS::KMS::Key', (key) => cloud.arnOf(key) === arn);

describe.each(tableNames)('the table %s', (name) => {
  const definition: TableDefinition = TABLES[name];
  const table = tableOf(name);
  const properties = propertiesOf(table);
  const [replica = {}, ...others] = objects(properties['Replicas']);

  it('has the keys and indexes of its definition', () => {
    const schema = (partition: string, sort: string) => [
      { AttributeName: partition, KeyType: 'HASH' },
      { AttributeName: sort, KeyType: 'RANGE' },
    ];
    expect(properties['KeySchema']).toEqual(schema('pk', 'sk'));
    expect(objects(properties['GlobalSecondaryIndexes'])).toEqual(
      Object.entries(definition.indexes).map(([IndexName, { partition, sort, projection }]) => ({
        IndexName,
        KeySchema: schema(partition, sort),
        Projection: { ProjectionType: projection === 'keys-only' ? 'KEYS_ONLY' : 'ALL' },
      })),
    );
    expect(properties['BillingMode']).toBe('PAY_PER_REQUEST');
  });

  it('has a stream of new images and an expiry where its definition says so, and only there', () => {
    expect(properties['StreamSpecification']).toEqual(
      definition.stream ? { StreamViewType: 'NEW_IMAGE' } : undefined,
    );
    expect(properties['TimeToLiveSpecification']).toEqual(
      definition.ttl ? { AttributeName: definition.ttl, Enabled: true } : undefined,
    );
  });

  it('outlives its stack, mistakes and a bad day', () => {
    expect(others).toEqual([]);
    expect(replica).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 35 },
    });
    expect(raw(table.stack)[table.logicalId]).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
    });
  });

  it("is encrypted with a customer's key that turns over", () => {
    expect(properties['SSESpecification']).toEqual({ SSEEnabled: true, SSEType: 'KMS' });
    const key = keyByArn((replica['SSESpecification'] as Json)['KMSMasterKeyId']);
    expect(cloud.property(key, 'EnableKeyRotation')).toBe(true);
    expect(key.stack).toBe(table.stack);
  });
});

describe('keys', () => {
  it('turn over and outlive their stacks', () => {
    for (const key of all('AWS::KMS::Key')) {
      // KMS turns over no asymmetric key.
      const signs = cloud.property(key, 'KeyUsage') === 'SIGN_VERIFY';
      expect(cloud.property(key, 'EnableKeyRotation'), key.label).toBe(signs ? undefined : true);
      expect(raw(key.stack)[key.logicalId]).toMatchObject({ DeletionPolicy: 'Retain' });
    }
  });
});

describe('the bus', () => {
  const bus = only('AWS::Events::EventBus');

  it('keeps what was said, though not what was erased, and what its key would not let through', () => {
    const archive = propertiesOf(only('AWS::Events::Archive'));
    expect(archive).toMatchObject({
      SourceArn: cloud.arnOf(bus),
      EventPattern: { source: [EVENT_SOURCE, REFUSAL_SOURCE] },
    });
    expect(archive['RetentionDays']).toBe(35);
    expect(keyByArn(archive['KmsKeyIdentifier']).stack).toBe('FollowthroughStateful');
    expect(keyByArn(cloud.property(bus, 'KmsKeyIdentifier')).stack).toBe('FollowthroughStateful');
    expect(cloud.property(bus, 'DeadLetterConfig')).toEqual({
      Arn: cloud.arnOf(only('AWS::SQS::Queue', ({ label }) => label === 'Events/Undecipherable')),
    });
  });
});

describe('the failure bucket', () => {
  const bucket = bucketOf('Failures');

  it('is private, versioned, encrypted and kept', () => {
    expect(propertiesOf(bucket)).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      VersioningConfiguration: { Status: 'Enabled' },
    });
    expect(raw(bucket.stack)[bucket.logicalId]).toMatchObject({ DeletionPolicy: 'Retain' });
  });

  it('has forgotten everything after 35 days, older versions and the slowness of S3 included', () => {
    const [rule] = objects((cloud.property(bucket, 'LifecycleConfiguration') as Json)['Rules']);
    expect(rule?.['Status']).toBe('Enabled');
    const hidden = Number(rule?.['ExpirationInDays']);
    const gone = hidden + Number(at(rule, 'NoncurrentVersionExpiration', 'NoncurrentDays'));
    expect(gone + 2).toBeLessThanOrEqual(35);
  });
});
