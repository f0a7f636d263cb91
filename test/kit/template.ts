import { inject } from 'vitest';
import type { Json, JsonValue } from '../../local/host/services.ts';
import { loadAssembly, type Resource } from '../../local/host/template/assembly.ts';
import { makeCloud } from '../../local/host/template/cloud.ts';
import { TABLES, type TableName } from '../../shared/store/keys.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the synthesised cloud assembly. */
    assembly: string;
  }
}

const nowhere = 'http://127.0.0.1:1';

/** The synthesised templates with every reference answered, as the local system reads them. */
export const cloud = makeCloud(loadAssembly(inject('assembly')), {
  endpoints: { dynamodb: nowhere, sqs: nowhere, s3: nowhere, issuer: 'https://issuer.example' },
  apiUrl: nowhere,
});

const TABLE = 'AWS::DynamoDB::GlobalTable';
for (const table of cloud.resources(TABLE))
  cloud.learn(table, { StreamArn: `${cloud.arnOf(table)}/stream/2026-11-24T00:00:00.000` });

export const all = (type: string): Resource[] => cloud.resources(type);

/** The one resource of a type for which `holds`; anything else is an error. */
export function only(type: string, holds: (resource: Resource) => boolean = () => true): Resource {
  const [first, ...others] = all(type).filter(holds);
  if (first === undefined || others.length > 0)
    throw new Error(`${others.length + (first ? 1 : 0)} resources of type ${type}, not one`);
  return first;
}

/** All properties, resolved. */
export const propertiesOf = (resource: Resource): Json =>
  Object.fromEntries(Object.keys(resource.properties).map((name) => [name, cloud.property(resource, name)]));

export const functionOf = (name: string): Resource =>
  only('AWS::Lambda::Function', ({ label }) => label === name);

export const tableOf = (name: TableName): Resource =>
  only(TABLE, ({ logicalId }) => logicalId.toLowerCase().startsWith(`${name}table`));

/** A bucket by the construct that holds it: `Failures`, `Log`, `Exports`. */
export const bucketOf = (label: string): Resource =>
  only('AWS::S3::Bucket', (bucket) => bucket.label === label);

/** The ARN of the key that a bucket's objects are under. */
export function keyOfBucket(bucket: Resource): string {
  const [rule] = objects(at(cloud.property(bucket, 'BucketEncryption'), 'ServerSideEncryptionConfiguration'));
  return String(at(rule, 'ServerSideEncryptionByDefault', 'KMSMasterKeyID'));
}

/** An asymmetric key, by what it signs for. */
export const signingKeyOf = (name: string): Resource =>
  only('AWS::KMS::Key', ({ label }) => label.toLowerCase() === `${name}signingkey`);

export const tableNames = Object.keys(TABLES) as TableName[];

/** The queue of a subscription or of the wiring's `QUEUES`, or one of its dead-letter queues. */
export const queueOf = (label: string): Resource => only('AWS::SQS::Queue', (queue) => queue.label === label);

/** Everything below a list, as objects. */
export const objects = (value: JsonValue): Json[] => (value === undefined ? [] : ([value].flat() as Json[]));

/** What stands at a path into nested objects. */
export const at = (value: JsonValue, ...path: string[]): JsonValue =>
  path.reduce<JsonValue>((inner, name) => (inner as Json | undefined)?.[name], value);

export const texts = (value: JsonValue): string[] =>
  value === undefined ? [] : ([value].flat() as JsonValue[]).map(String);
