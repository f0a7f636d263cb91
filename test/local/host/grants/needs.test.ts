import { describe, expect, it } from 'vitest';
import { needsOfTarget, UnknownCall } from '../../../../local/host/grants/needs.ts';
import { needsOfS3 } from '../../../../local/host/grants/s3-needs.ts';

const place = { region: 'eu-west-1', account: '1' };
const table = (name: string) => `arn:aws:dynamodb:eu-west-1:1:table/${name}`;
const dynamodb = (operation: string, body: object) =>
  needsOfTarget(`DynamoDB_20120810.${operation}`, { ...body }, place).map((n) => [n.action, n.resource]);

describe('needs of a DynamoDB call', () => {
  it.each([
    ['GetItem', { TableName: 'a' }, [['dynamodb:GetItem', table('a')]]],
    ['Query', { TableName: 'a' }, [['dynamodb:Query', table('a')]]],
    ['Query', { TableName: 'a', IndexName: 'i' }, [['dynamodb:Query', `${table('a')}/index/i`]]],
    ['PutItem', { TableName: table('a') }, [['dynamodb:PutItem', table('a')]]],
    [
      'BatchWriteItem',
      { RequestItems: { a: [], b: [] } },
      [
        ['dynamodb:BatchWriteItem', table('a')],
        ['dynamodb:BatchWriteItem', table('b')],
      ],
    ],
    [
      'TransactWriteItems',
      {
        TransactItems: [
          { Put: { TableName: 'a' } },
          { Update: { TableName: 'a' } },
          { Delete: { TableName: 'b' } },
          { ConditionCheck: { TableName: 'b' } },
        ],
      },
      [
        ['dynamodb:PutItem', table('a')],
        ['dynamodb:UpdateItem', table('a')],
        ['dynamodb:DeleteItem', table('b')],
        ['dynamodb:ConditionCheckItem', table('b')],
      ],
    ],
    [
      'TransactGetItems',
      { TransactItems: [{ Get: { TableName: 'a' } }] },
      [['dynamodb:GetItem', table('a')]],
    ],
  ])('%s %j', (operation, body, expected) => {
    expect(dynamodb(operation, body)).toEqual(expected);
  });

  it.each(['ExecuteStatement', 'CreateTable', 'Whatever'])(
    'refuses %s, which it cannot judge',
    (operation) => {
      expect(() => dynamodb(operation, { TableName: 'a' })).toThrow(UnknownCall);
    },
  );
});

describe('needs of queues and the bus', () => {
  it('takes a batch for its single action, on the queue of the URL', () => {
    const body = { QueueUrl: 'http://127.0.0.1:9/1/things.fifo' };
    expect(needsOfTarget('AmazonSQS.SendMessageBatch', body, place)).toEqual([
      { action: 'sqs:SendMessage', resource: 'arn:aws:sqs:eu-west-1:1:things.fifo' },
    ]);
  });

  it('needs the right on every bus that is named, and on the default one', () => {
    const Entries = [
      { EventBusName: 'a' },
      { EventBusName: 'arn:aws:events:x:1:event-bus/b' },
      {},
      { EventBusName: 'a' },
    ];
    expect(needsOfTarget('AWSEvents.PutEvents', { Entries }, place).map((need) => need.resource)).toEqual([
      'arn:aws:events:eu-west-1:1:event-bus/a',
      'arn:aws:events:x:1:event-bus/b',
      'arn:aws:events:eu-west-1:1:event-bus/default',
    ]);
  });

  it('leaves keys to KMS, which knows their policies', () => {
    expect(needsOfTarget('TrentService.Sign', { KeyId: 'k' }, place)).toEqual([]);
  });

  it('refuses another service', () => {
    expect(() => needsOfTarget('AmazonSNS.Publish', {}, place)).toThrow(UnknownCall);
  });
});

describe('needs of an S3 call', () => {
  it.each([
    ['GET', '/b/k/x?x-id=GetObject', 's3:GetObject', 'arn:aws:s3:::b/k/x'],
    ['HEAD', '/b/k', 's3:GetObject', 'arn:aws:s3:::b/k'],
    ['PUT', '/b/k%20k', 's3:PutObject', 'arn:aws:s3:::b/k k'],
    ['PUT', '/b/k?retention', 's3:PutObjectRetention', 'arn:aws:s3:::b/k'],
    ['DELETE', '/b/k', 's3:DeleteObject', 'arn:aws:s3:::b/k'],
    ['DELETE', '/b/k?versionId=1', 's3:DeleteObjectVersion', 'arn:aws:s3:::b/k'],
    ['DELETE', '/b/k?uploadId=1', 's3:AbortMultipartUpload', 'arn:aws:s3:::b/k'],
    ['POST', '/b/k?uploads', 's3:PutObject', 'arn:aws:s3:::b/k'],
    ['GET', '/b?list-type=2&prefix=k', 's3:ListBucket', 'arn:aws:s3:::b'],
    ['POST', '/b?delete', 's3:DeleteObject', 'arn:aws:s3:::b/*'],
  ])('%s %s', (method, path, action, resource) => {
    expect(needsOfS3(method, path, {})).toEqual([{ action, resource }]);
  });

  it('needs what its headers ask for besides', () => {
    const headers = { 'x-amz-copy-source': '/c/from', 'x-amz-object-lock-mode': 'COMPLIANCE' };
    expect(needsOfS3('PUT', '/b/k', headers)).toEqual([
      { action: 's3:PutObject', resource: 'arn:aws:s3:::b/k' },
      { action: 's3:GetObject', resource: 'arn:aws:s3:::c/from' },
      { action: 's3:PutObjectRetention', resource: 'arn:aws:s3:::b/k' },
    ]);
  });

  it('refuses to judge what changes a bucket', () => {
    expect(() => needsOfS3('PUT', '/b?policy', {})).toThrow(UnknownCall);
  });
});
