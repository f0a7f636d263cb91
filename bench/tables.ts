import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import type { TableName } from '../shared/store/keys.ts';

export const CONNECTION = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

export const clientOf = (endpoint: string): DynamoDBClient => new DynamoDBClient({ ...CONNECTION, endpoint });

/** What a table of a running system is called: the template names it after its own name. */
export async function tableNamed(client: DynamoDBClient, name: TableName): Promise<string> {
  const { TableNames = [] } = await client.send(new ListTablesCommand({}));
  const found = TableNames.filter((one) => one.toLowerCase().includes(name));
  if (found.length !== 1) throw new Error(`no table of ${name} among ${TableNames.join(', ')}`);
  return found[0] as string;
}
