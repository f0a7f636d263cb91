import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import {
  type BucketAction,
  type BucketGrant,
  FUNCTIONS,
  type FunctionName,
  type FunctionWiring,
  QUEUES,
  STREAM,
  SUBSCRIPTIONS,
  type TableGrant,
} from '../../functions/wiring.ts';
import { found, reached, type Surroundings } from './surroundings.ts';

/** Everything that the role of a function may do: what its wiring names, what its event source needs, and its own log. */
export function grantsOf(name: FunctionName, around: Surroundings, logGroup: ILogGroup): PolicyStatement[] {
  const wiring: FunctionWiring = FUNCTIONS[name];
  return [
    allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]),
    ...wiring.tables.flatMap((grant) => tableStatements(grant, around)),
    ...(wiring.sendsTo ?? []).map((queue) =>
      allow(['sqs:SendMessage'], [found(around.queues, queue).queueArn]),
    ),
    ...(wiring.buckets ?? []).flatMap((grant) => bucketStatements(grant, around)),
    ...(wiring.knows ? [allow(['kms:GetPublicKey'], [found(around.keys, wiring.knows).keyArn])] : []),
    ...(wiring.bus ? [allow(['events:PutEvents'], [reached(around, 'bus').eventBusArn])] : []),
    ...queuesOf(name).map((queue) =>
      allow(
        ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
        [found(around.queues, queue).queueArn],
      ),
    ),
    ...(STREAM.function === name ? streamStatements(around) : []),
    ...decryptStatements(wiring, around, Stack.of(logGroup).region),
  ];
}

/** Names of the queues that a function works off. */
const queuesOf = (name: FunctionName): string[] =>
  Object.entries({ ...QUEUES, ...SUBSCRIPTIONS })
    .filter(([, wiring]) => wiring.function === name)
    .map(([queue]) => queue);

function tableStatements(
  { table, actions, indexes = [] }: TableGrant,
  { tables }: Surroundings,
): PolicyStatement[] {
  const { tableArn } = found(tables, table);
  const own = allow(
    actions.map((action) => `dynamodb:${action}`),
    [tableArn],
  );
  if (indexes.length === 0) return [own];
  const indexArns = indexes.map((index) => `${tableArn}/index/${index}`);
  return [own, allow(['dynamodb:Query'], indexArns)];
}

/** Lambda reads the stream and keeps what it gives up in the name of the function. */
function streamStatements(around: Surroundings): PolicyStatement[] {
  const failures = reached(around, 'failures');
  const table = found(around.tables, STREAM.table);
  if (table.tableStreamArn === undefined) throw new Error(`the table "${STREAM.table}" has no stream`);
  return [
    allow(
      ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
      [table.tableStreamArn],
    ),
    allow(['s3:ListBucket'], [failures.bucketArn]),
    allow(['s3:PutObject'], [failures.arnForObjects('*')]),
    ...keyOf(failures).map((key) => allow(['kms:GenerateDataKey'], [key])),
    ...keyOf(table).map((key) => allow(['kms:Decrypt'], [key])),
  ];
}

/** S3 opens the bucket's key in the name of the caller, who may upload in parts where they may give that up. */
const KEY_USE: Partial<Record<BucketAction, string>> = {
  PutObject: 'kms:GenerateDataKey',
  GetObject: 'kms:Decrypt',
  AbortMultipartUpload: 'kms:Decrypt',
};

function bucketStatements(
  { bucket: name, actions }: BucketGrant,
  { buckets }: Surroundings,
): PolicyStatement[] {
  const bucket = found(buckets, name);
  const onBucket = actions.filter((action) => action === 'ListBucket');
  const onObjects = actions.filter((action) => action !== 'ListBucket');
  const onKey = new Set(actions.flatMap((action) => KEY_USE[action] ?? []));
  return [
    ...some(onBucket, 's3', [bucket.bucketArn]),
    ...some(onObjects, 's3', [bucket.arnForObjects('*')]),
    ...(onKey.size > 0 ? keyOf(bucket).map((key) => allow([...onKey], [key])) : []),
  ];
}

const some = (actions: readonly string[], service: string, resources: string[]): PolicyStatement[] =>
  actions.length > 0
    ? [
        allow(
          actions.map((action) => `${service}:${action}`),
          resources,
        ),
      ]
    : [];

/** DynamoDB opens a table's key in the name of the caller, for reading and for writing. */
function decryptStatements(
  wiring: FunctionWiring,
  { tables }: Surroundings,
  region: string,
): PolicyStatement[] {
  const keys = new Set(wiring.tables.flatMap(({ table }) => keyOf(found(tables, table))));
  if (keys.size === 0) return [];
  const service = `dynamodb.${region}.amazonaws.com`;
  return [allow(['kms:Decrypt'], [...keys], { StringEquals: { 'kms:ViaService': service } })];
}

const keyOf = ({ encryptionKey }: { encryptionKey?: IKey }): string[] =>
  encryptionKey ? [encryptionKey.keyArn] : [];

const allow = (
  actions: string[],
  resources: string[],
  conditions?: Record<string, Record<string, string>>,
): PolicyStatement => new PolicyStatement({ actions, resources, ...(conditions && { conditions }) });
