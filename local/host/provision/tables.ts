import { type Json, type JsonValue, region, ServiceError, type Services } from '../services.ts';
import type { Resource } from '../template/assembly.ts';
import type { Cloud } from '../template/cloud.ts';

/** A provisioned table, and its stream as DynamoDB Local names it. */
export interface Table {
  name: string;
  /** As the template and the policies know it. */
  streamArn?: string;
  /** As DynamoDB Local knows it. */
  localStreamArn?: string;
}

const types = ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'];

/**
 * Creates the tables that are not there, one after the other (all before the first write: a stream that
 * begins late makes DynamoDB Local slow for ever). A table that is there with other keys, indexes or stream
 * is an error; nothing is ever deleted here.
 */
export async function provisionTables(cloud: Cloud, services: Services): Promise<Table[]> {
  const tables: Table[] = [];
  for (const resource of cloud.resources(...types)) {
    const wanted = createRequest(cloud, resource);
    const description = await ensureTable(services, wanted);
    await ensureTimeToLive(services, cloud, resource);
    tables.push(learnStream(cloud, resource, description));
  }
  return tables;
}

async function ensureTable(services: Services, wanted: Json): Promise<Json> {
  const name = String(wanted['TableName']);
  let existing = await describe(services, name);
  if (!existing) {
    await services.dynamodb('CreateTable', wanted);
    existing = await describe(services, name);
    for (let i = 0; existing?.['TableStatus'] !== 'ACTIVE' && i < 200; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      existing = await describe(services, name);
    }
  }
  const difference = existing && shapeDifference(wanted, existing);
  if (difference) {
    throw new Error(
      `table ${name} on disk differs from the template in ${difference}; start with --reset to make it anew`,
    );
  }
  return existing ?? {};
}

async function describe(services: Services, name: string): Promise<Json | undefined> {
  try {
    return (await services.dynamodb('DescribeTable', { TableName: name }))['Table'] as Json;
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

function createRequest(cloud: Cloud, resource: Resource): Json {
  const get = (name: string) => cloud.property(resource, name);
  const index = (definition: JsonValue) => {
    const { IndexName, KeySchema, Projection } = definition as Json;
    return { IndexName, KeySchema, Projection } satisfies Json;
  };
  const global = get('GlobalSecondaryIndexes') as Json[] | undefined;
  const local = get('LocalSecondaryIndexes') as Json[] | undefined;
  const stream = get('StreamSpecification') as Json | undefined;
  return {
    TableName: cloud.nameOf(resource),
    AttributeDefinitions: get('AttributeDefinitions'),
    KeySchema: get('KeySchema'),
    BillingMode: 'PAY_PER_REQUEST',
    ...(global && { GlobalSecondaryIndexes: global.map(index) }),
    ...(local && { LocalSecondaryIndexes: local.map(index) }),
    ...(stream && {
      StreamSpecification: { StreamEnabled: true, StreamViewType: stream['StreamViewType'] },
    }),
  };
}

/** The first part in which the table on disk is not what the template wants, or undefined. */
function shapeDifference(wanted: Json, existing: Json): string | undefined {
  const parts = {
    'its keys': (table: Json) => table['KeySchema'],
    'its attributes': (table: Json) => sorted(table['AttributeDefinitions'], 'AttributeName'),
    'its indexes': (table: Json) => [
      ...sorted(table['GlobalSecondaryIndexes'], 'IndexName').map(indexShape),
      ...sorted(table['LocalSecondaryIndexes'], 'IndexName').map(indexShape),
    ],
    'its stream': (table: Json) => (table['StreamSpecification'] as Json | undefined)?.['StreamViewType'],
  };
  const entries = Object.entries(parts);
  return entries.find(([, read]) => canonical(read(wanted)) !== canonical(read(existing)))?.[0];
}

function indexShape(index: Json): Json {
  const projection = (index['Projection'] ?? {}) as Json;
  const included = (projection['NonKeyAttributes'] ?? []) as string[];
  return {
    name: index['IndexName'],
    keys: index['KeySchema'],
    projection: projection['ProjectionType'],
    included: [...included].sort(),
  };
}

function sorted(value: JsonValue, by: string): Json[] {
  return [...((value ?? []) as Json[])].sort((a, b) => (String(a[by]) < String(b[by]) ? -1 : 1));
}

function canonical(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${name}:${canonical(value[name])}`).join()}}`;
}

async function ensureTimeToLive(services: Services, cloud: Cloud, resource: Resource): Promise<void> {
  const wanted = cloud.property(resource, 'TimeToLiveSpecification') as Json | undefined;
  if (!wanted?.['Enabled']) return;
  const TableName = cloud.nameOf(resource);
  const answer = await services.dynamodb('DescribeTimeToLive', { TableName });
  const status = (answer['TimeToLiveDescription'] as Json | undefined)?.['TimeToLiveStatus'];
  if (status === 'ENABLED' || status === 'ENABLING') return;
  const { AttributeName } = wanted;
  await services.dynamodb('UpdateTimeToLive', {
    TableName,
    TimeToLiveSpecification: { Enabled: true, AttributeName },
  });
}

function learnStream(cloud: Cloud, resource: Resource, description: Json): Table {
  const name = cloud.nameOf(resource);
  const localStreamArn = description['LatestStreamArn'];
  if (typeof localStreamArn !== 'string') return { name };
  // DynamoDB Local says `ddblocal` where the region stands; policies say the region.
  const streamArn = localStreamArn.replace(':ddblocal:', `:${region}:`);
  cloud.learn(resource, { StreamArn: streamArn });
  return { name, streamArn, localStreamArn };
}
