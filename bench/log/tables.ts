import {
  type AttributeDefinition,
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { TABLES, type TableDefinition, type TableName } from '../../shared/store/keys.ts';

export type Tables = Record<TableName, string>;

/** All tables with their indexes, without streams; their names begin with a prefix. */
export async function createTables(client: DynamoDBClient, prefix: string): Promise<Tables> {
  const names = Object.keys(TABLES) as TableName[];
  for (const name of names)
    await client.send(new CreateTableCommand(describe(`${prefix}-${name}`, TABLES[name])));
  return Object.fromEntries(names.map((name) => [name, `${prefix}-${name}`])) as Tables;
}

function describe(TableName: string, definition: TableDefinition): CreateTableCommandInput {
  const indexes = Object.entries(definition.indexes);
  const keys = indexes.flatMap(([, { partition, sort }]) => [partition, sort]);
  return {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...new Set(['pk', 'sk', ...keys])].map(
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
  };
}

const keySchema = (partition: string, sort: string): CreateTableCommandInput['KeySchema'] => [
  { AttributeName: partition, KeyType: 'HASH' },
  { AttributeName: sort, KeyType: 'RANGE' },
];
