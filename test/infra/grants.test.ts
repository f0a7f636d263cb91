import { describe, expect, it } from 'vitest';
import {
  FUNCTIONS,
  type FunctionName,
  type FunctionWiring,
  QUEUES,
  STREAM,
  SUBSCRIPTIONS,
} from '../../functions/wiring.ts';
import type { Json } from '../../local/host/services.ts';
import type { TableName } from '../../shared/store/keys.ts';
import { arnOfTable, type Granted, grantedTo, names, roleOf } from '../kit/grants.ts';
import {
  all,
  at,
  bucketOf,
  cloud,
  keyOfBucket,
  objects,
  only,
  queueOf,
  signingKeyOf,
  tableOf,
} from '../kit/template.ts';

const BUCKETS = { log: 'Log', exports: 'Exports' };

const keyOf = (name: TableName): string => {
  const [replica] = objects(cloud.property(tableOf(name), 'Replicas'));
  return String(at(replica, 'SSESpecification', 'KMSMasterKeyId'));
};
const queueLabel = (name: string): string => (name in QUEUES ? `${name}-queue` : `${name}-subscription/Work`);
const logsOf = (name: FunctionName): string =>
  cloud.arnOf(only('AWS::Logs::LogGroup', ({ label }) => label === `${name}/Logs`));

/** What the wiring says, spelled out. */
function wired(name: FunctionName): Granted[] {
  const wiring: FunctionWiring = FUNCTIONS[name];
  const pairs = (actions: string[], resource: string): Granted[] =>
    actions.map((action) => ({ action, resource }));
  const consumed = Object.entries({ ...QUEUES, ...SUBSCRIPTIONS }).filter(
    ([, queue]) => queue.function === name,
  );
  const condition = { StringEquals: { 'kms:ViaService': 'dynamodb.eu-west-1.amazonaws.com' } };
  const keys = new Set(wiring.tables.map(({ table }) => keyOf(table)));
  return [
    ...pairs(['logs:CreateLogStream', 'logs:PutLogEvents'], logsOf(name)),
    ...wiring.tables.flatMap(({ table, actions }) =>
      pairs(
        actions.map((action) => `dynamodb:${action}`),
        arnOfTable(table),
      ),
    ),
    ...wiring.tables.flatMap(({ table, indexes = [] }) =>
      indexes.map((index) => ({ action: 'dynamodb:Query', resource: `${arnOfTable(table)}/index/${index}` })),
    ),
    ...(wiring.sendsTo ?? []).flatMap((queue) =>
      pairs(['sqs:SendMessage'], cloud.arnOf(queueOf(queueLabel(queue)))),
    ),
    ...consumed.flatMap(([queue]) =>
      pairs(
        ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        cloud.arnOf(queueOf(queueLabel(queue))),
      ),
    ),
    ...(wiring.buckets ?? []).flatMap(({ bucket, actions }) => {
      const arn = cloud.arnOf(bucketOf(BUCKETS[bucket]));
      const has = (...wanted: string[]) => actions.some((action) => wanted.includes(action));
      return [
        ...actions.flatMap((action) => pairs([`s3:${action}`], action === 'ListBucket' ? arn : `${arn}/*`)),
        ...(has('PutObject') ? pairs(['kms:GenerateDataKey'], keyOfBucket(bucketOf(BUCKETS[bucket]))) : []),
        ...(has('GetObject', 'AbortMultipartUpload')
          ? pairs(['kms:Decrypt'], keyOfBucket(bucketOf(BUCKETS[bucket])))
          : []),
      ];
    }),
    ...(wiring.knows ? pairs(['kms:GetPublicKey'], cloud.arnOf(signingKeyOf(wiring.knows))) : []),
    ...(wiring.bus ? pairs(['events:PutEvents'], cloud.arnOf(only('AWS::Events::EventBus'))) : []),
    ...[...keys].map((resource) => ({ action: 'kms:Decrypt', resource, condition })),
    ...(STREAM.function === name ? streamGrants() : []),
  ];
}

function streamGrants(): Granted[] {
  const stream = `${arnOfTable(STREAM.table)}/stream/2026-11-24T00:00:00.000`;
  const bucket = bucketOf('Failures');
  const failures = cloud.arnOf(bucket);
  const key = keyOfBucket(bucket);
  return [
    ...['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map((action) => ({
      action: `dynamodb:${action}`,
      resource: stream,
    })),
    { action: 's3:ListBucket', resource: failures },
    { action: 's3:PutObject', resource: `${failures}/*` },
    { action: 'kms:GenerateDataKey', resource: key },
    { action: 'kms:Decrypt', resource: keyOf(STREAM.table) },
  ];
}

const sorted = (granted: Granted[]): Granted[] =>
  granted.toSorted((a, b) => `${a.action} ${a.resource}`.localeCompare(`${b.action} ${b.resource}`));

describe('grants', () => {
  it.each(names)('%s may do what its wiring names, and nothing else', (name) => {
    expect(sorted(grantedTo(name))).toEqual(sorted(wired(name)));
  });

  it('holds a role of its own for each function, which only Lambda takes on', () => {
    expect(new Set(names.map((name) => roleOf(name).logicalId)).size).toBe(names.length);
    for (const name of names) {
      const [statement, ...others] = objects(
        (cloud.property(roleOf(name), 'AssumeRolePolicyDocument') as Json)['Statement'],
      );
      expect(others).toEqual([]);
      expect(statement?.['Principal']).toEqual({ Service: 'lambda.amazonaws.com' });
    }
  });

  it('adds nothing to a role from elsewhere', () => {
    for (const name of names) expect(cloud.property(roleOf(name), 'ManagedPolicyArns')).toBeUndefined();
    for (const type of ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::RolePolicy'])
      expect(all(type)).toEqual([]);
  });

  it('lets those list a bucket that get objects of it, to whom S3 would say of a missing one that it is forbidden', () => {
    for (const name of names) {
      const { buckets = [] }: FunctionWiring = FUNCTIONS[name];
      for (const { actions } of buckets)
        if (actions.includes('GetObject')) expect(actions, name).toContain('ListBucket');
    }
  });

  it('has no wildcard but for the keys of the objects in buckets', () => {
    const wild = names.flatMap((name) =>
      grantedTo(name).filter(({ action, resource }) => /[*?]/.test(action) || /[*?]/.test(resource.slice(4))),
    );
    // A log group's ARN ends in `:*`, which stands for its streams.
    const objects = all('AWS::S3::Bucket').map((bucket) => `${cloud.arnOf(bucket)}/*`);
    for (const { action, resource } of wild)
      if (!/^arn:aws:logs:.*:log-group:[^*]+:\*$/.test(resource)) {
        expect(objects, action).toContain(resource);
        expect(action).not.toMatch(/[*?]/);
      }
  });
});

it('lets the relay alone put events on the bus', () => {
  const putting = names.filter((name) => grantedTo(name).some(({ action }) => action === 'events:PutEvents'));
  expect(putting).toEqual(['outbox-relay']);
});
