import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import type { TableName } from '../shared/store/keys.ts';

export const CONNECTION = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

export const clientOf = (endpoint: string): DynamoDBClient => new DynamoDBClient({ ...CONNECTION, endpoint });

/** Whether the template gave this name to that table: `FollowthroughAudit-LogTable` is the one of the log. */
export const isNameOf = (name: TableName, given: string): boolean =>
  given.toLowerCase().includes(`${name}table`);

/** What a table of a running system is called. */
export async function tableNamed(client: DynamoDBClient, name: TableName): Promise<string> {
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  const found = TableNames.filter((one) => isNameOf(name, one));
  if (found.length !== 1) throw new Error(`no table of ${name} among ${TableNames.join(', ')}`);
  return found[0] as string;
}
