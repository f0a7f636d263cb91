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
import { all, at, cloud, functionOf, objects, only, queueOf, tableOf, texts } from '../kit/template.ts';

const names = Object.keys(FUNCTIONS) as FunctionName[];

interface Granted {
  action: string;
  resource: string;
  condition?: Json;
}

function roleOf(name: FunctionName) {
  const arn = cloud.property(functionOf(name), 'Role');
  return only('AWS::IAM::Role', (role) => cloud.arnOf(role) === arn);
}

/** Each pair of action and resource that a function's role allows. */
function grantedTo(name: FunctionName): Granted[] {
  return objects(cloud.property(roleOf(name), 'Policies')).flatMap((policy) =>
    objects((policy['PolicyDocument'] as Json)['Statement']).flatMap((statement) => {
      expect(Object.keys(statement).filter((key) => key.startsWith('Not'))).toEqual([]);
      expect(statement['Effect']).toBe('Allow');
      const condition = statement['Condition'] as Json | undefined;
      return texts(statement['Action']).flatMap((action) =>
        texts(statement['Resource']).map((resource) => ({
          action,
          resource,
          ...(condition && { condition }),
        })),
      );
    }),
  );
}

const arnOfTable = (name: TableName): string => cloud.arnOf(tableOf(name));
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
    ...(wiring.bus ? pairs(['events:PutEvents'], cloud.arnOf(only('AWS::Events::EventBus'))) : []),
    ...[...keys].map((resource) => ({ action: 'kms:Decrypt', resource, condition })),
    ...(STREAM.function === name ? streamGrants() : []),
  ];
}

function streamGrants(): Granted[] {
  const stream = `${arnOfTable(STREAM.table)}/stream/2026-11-24T00:00:00.000`;
  const bucket = only('AWS::S3::Bucket');
  const failures = cloud.arnOf(bucket);
  const [rule] = objects(
    (cloud.property(bucket, 'BucketEncryption') as Json)['ServerSideEncryptionConfiguration'],
  );
  const key = String(at(rule, 'ServerSideEncryptionByDefault', 'KMSMasterKeyID'));
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

  it('has no wildcard but for the keys of the objects in the failure bucket', () => {
    const wild = names.flatMap((name) =>
      grantedTo(name).filter(({ action, resource }) => /[*?]/.test(action) || /[*?]/.test(resource.slice(4))),
    );
    // A log group's ARN ends in `:*`, which stands for its streams.
    expect(wild.filter(({ resource }) => !/^arn:aws:logs:.*:log-group:[^*]+:\*$/.test(resource))).toEqual([
      { action: 's3:PutObject', resource: `${cloud.arnOf(only('AWS::S3::Bucket'))}/*` },
    ]);
  });
});

describe('the audit table', () => {
  const writers = (actions: string[]): string[] =>
    names.filter((name) =>
      grantedTo(name).some(
        ({ action, resource }) =>
          resource.startsWith(arnOfTable('audit')) && actions.includes(action.replace('dynamodb:', '')),
      ),
    );

  it('is written by the recorder alone', () => {
    expect(writers(['PutItem', 'BatchWriteItem', 'PartiQLInsert'])).toEqual(['audit-record']);
  });

  it('is changed and deleted from by nobody', () => {
    expect(writers(['UpdateItem', 'DeleteItem', 'BatchWriteItem', 'PartiQLUpdate', 'PartiQLDelete'])).toEqual(
      [],
    );
  });

  it('stands with all functions that reach it in a stack of its own', () => {
    const reaching = names.filter((name) =>
      grantedTo(name).some(({ resource }) => resource.startsWith(arnOfTable('audit'))),
    );
    expect(reaching.toSorted()).toEqual(['audit-query', 'audit-record']);
    const stacks = [tableOf('audit'), ...reaching.map(functionOf)].map(({ stack }) => stack);
    expect(new Set(stacks)).toEqual(new Set(['FollowthroughAudit']));
  });
});

it('lets the relay alone put events on the bus', () => {
  const putting = names.filter((name) => grantedTo(name).some(({ action }) => action === 'events:PutEvents'));
  expect(putting).toEqual(['outbox-relay']);
});
