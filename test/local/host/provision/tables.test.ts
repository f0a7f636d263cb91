import { describe, expect, it } from 'vitest';
import { provisionTables } from '../../../../local/host/provision/tables.ts';
import type { Json, Services } from '../../../../local/host/services.ts';
import type { Resource } from '../../../../local/host/template/assembly.ts';
import { makeCloud } from '../../../../local/host/template/cloud.ts';

const properties: Json = {
  TableName: 'things',
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'a', AttributeType: 'S' },
  ],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  GlobalSecondaryIndexes: [
    {
      IndexName: 'i',
      KeySchema: [{ AttributeName: 'a', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['x', 'y'] },
    },
  ],
  StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
};

/** A DynamoDB that has one table as described, and fails the test when it is asked to make one. */
function serviceWith(description: Json): Services {
  return {
    dynamodb: async (operation: string) => {
      expect(operation).toBe('DescribeTable');
      return { Table: { TableStatus: 'ACTIVE', ...description } };
    },
  } as unknown as Services;
}

function cloud() {
  const table: Resource = {
    ...{ stack: 'S', logicalId: 'T', label: 'T', type: 'AWS::DynamoDB::GlobalTable', properties },
  };
  const stack = { name: 'S', parameters: {}, conditions: {}, mappings: {}, exports: new Map() };
  const stacks = new Map([['S', { ...stack, resources: new Map([['T', table]]) }]]);
  const endpoints = { dynamodb: 'http://127.0.0.1:1', sqs: 'http://127.0.0.1:2', s3: 'http://127.0.0.1:3' };
  return { cloud: makeCloud({ stacks, assets: new Map() }, { endpoints, apiUrl: '' }), table };
}

const onDisk: Json = {
  ...properties,
  // DynamoDB answers in an order of its own, with more than was asked.
  AttributeDefinitions: [...(properties['AttributeDefinitions'] as Json[])].reverse(),
  GlobalSecondaryIndexes: [
    {
      ...(properties['GlobalSecondaryIndexes'] as Json[])[0],
      IndexStatus: 'ACTIVE',
      Projection: { NonKeyAttributes: ['y', 'x'], ProjectionType: 'INCLUDE' },
    },
  ],
  LatestStreamArn: 'arn:aws:dynamodb:ddblocal:000000000000:table/things/stream/2026',
};

describe('a table that is there', () => {
  it('is taken when it is what the template wants, and its stream is known from then on', async () => {
    const { cloud: own, table } = cloud();
    await provisionTables(own, serviceWith(onDisk));
    expect(own.resolve({ 'Fn::GetAtt': ['T', 'StreamArn'] }, table, 'P')).toBe(
      'arn:aws:dynamodb:eu-west-1:000000000000:table/things/stream/2026',
    );
  });

  it.each([
    ['its keys', { KeySchema: [{ AttributeName: 'other', KeyType: 'HASH' }] }],
    ['its indexes', { GlobalSecondaryIndexes: [] }],
    ['its stream', { StreamSpecification: { StreamViewType: 'KEYS_ONLY' } }],
  ])('is an error that says --reset when %s differ', async (what, difference) => {
    const promise = provisionTables(cloud().cloud, serviceWith({ ...onDisk, ...difference }));
    await expect(promise).rejects.toThrow(
      `table things on disk differs from the template in ${what}; start with --reset`,
    );
  });
});
