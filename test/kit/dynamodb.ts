import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AttributeDefinition,
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { inject } from 'vitest';
import { startDynamoDb } from '../../local/services/dynamodb.ts';
import { freePort } from '../../local/services/ports.ts';
import { TABLES, type TableDefinition, type TableName } from '../../shared/store/keys.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The DynamoDB Local of the whole run, where the project starts one. */
    dynamodb?: string;
  }
}

export interface Tables {
  client: DynamoDBClient;
  /** The name of each table; they are this caller's alone, and empty. */
  tables: Record<TableName, string>;
  endpoint: string;
  stop(): Promise<void>;
}

export interface TablesOptions {
  /**
   * Gives the tables their streams, in a DynamoDB Local of their own: there a write costs time in proportion to
   * the older stream records of all tables, so streamed tables never join an instance that is in use.
   */
  streams?: boolean;
  /** Gives the tables their time to live; it deletes within a second. Default: no. */
  expiry?: boolean;
}

/** All tables of `TABLES` with their indexes on a real DynamoDB Local, made for the caller. */
export async function startTables(options: TablesOptions = {}): Promise<Tables> {
  const shared = options.streams ? undefined : inject('dynamodb');
  const own = shared === undefined ? await startDatabase() : undefined;
  const endpoint = shared ?? own?.url ?? '';
  const client = clientOf(endpoint);
  const prefix = randomUUID().slice(0, 8);
  const named = (Object.keys(TABLES) as TableName[]).map((name) => [name, `${prefix}-${name}`] as const);
  for (const [name, table] of named) await createTable(client, table, TABLES[name], options);
  return {
    client,
    tables: Object.fromEntries(named) as Record<TableName, string>,
    endpoint,
    async stop() {
      client.destroy();
      await own?.stop();
    },
  };
}

/** A DynamoDB Local in memory, on a free port. */
export async function startDatabase(): Promise<{ url: string; stop(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'followthrough-test-'));
  const database = await startDynamoDb({ dataDir, port: await freePort(), quick: true, inMemory: true });
  return {
    url: database.url,
    async stop() {
      await database.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export const clientOf = (endpoint: string): DynamoDBClient =>
  new DynamoDBClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });

async function createTable(
  client: DynamoDBClient,
  name: string,
  definition: TableDefinition,
  { streams = false, expiry = false }: TablesOptions,
): Promise<void> {
  await client.send(new CreateTableCommand(describeTable(name, definition, streams)));
  if (expiry && definition.ttl)
    await client.send(
      new UpdateTimeToLiveCommand({
        TableName: name,
        TimeToLiveSpecification: { Enabled: true, AttributeName: definition.ttl },
      }),
    );
}

function describeTable(name: string, definition: TableDefinition, streams: boolean): CreateTableCommandInput {
  const indexes = Object.entries(definition.indexes);
  const attributes = new Set([
    'pk',
    'sk',
    ...indexes.flatMap(([, { partition, sort }]) => [partition, sort]),
  ]);
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...attributes].map(
      (AttributeName): AttributeDefinition => ({ AttributeName, AttributeType: 'S' }),
    ),
    KeySchema: keySchema('pk', 'sk'),
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map(([IndexName, { partition, sort, projection }]) => ({
        IndexName,
        KeySchema: keySchema(partition, sort),
        Projection: { ProjectionType: projection === 'keys-only' ? 'KEYS_ONLY' : 'ALL' },
      })),
    }),
    ...(streams &&
      definition.stream && {
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
      }),
  };
}

const keySchema = (partition: string, sort: string): CreateTableCommandInput['KeySchema'] => [
  { AttributeName: partition, KeyType: 'HASH' },
  { AttributeName: sort, KeyType: 'RANGE' },
];
