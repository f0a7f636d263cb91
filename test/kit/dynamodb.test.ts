import { DescribeTableCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TABLES } from '../../shared/store/keys.ts';
import { startTables, type Tables } from './dynamodb.ts';

describe('tables on a DynamoDB Local', () => {
  let mine: Tables;
  beforeAll(async () => {
    mine = await startTables();
  });
  afterAll(() => mine.stop());

  it('answers an index as the definition names it', async () => {
    const { client, tables } = mine;
    const { partition, sort } = TABLES.commands.indexes.byResponse;
    const item = { pk: { S: 'a' }, sk: { S: 'b' }, [partition]: { S: 'r' }, [sort]: { S: 's' } };
    await client.send(new PutItemCommand({ TableName: tables.commands, Item: item }));
    const { Items } = await client.send(
      new QueryCommand({
        TableName: tables.commands,
        IndexName: 'byResponse',
        KeyConditionExpression: '#p = :r',
        ExpressionAttributeNames: { '#p': partition },
        ExpressionAttributeValues: { ':r': { S: 'r' } },
      }),
    );
    expect(Items).toEqual([item]);
  });

  it('gives each caller tables of its own in the instance of the run', async () => {
    const other = await startTables();
    expect(other.endpoint).toBe(mine.endpoint);
    expect(other.tables.commands).not.toBe(mine.tables.commands);
    await other.stop();
  });

  it('gives streams on request, apart from the others', async () => {
    const streamed = await startTables({ streams: true });
    const { Table } = await streamed.client.send(
      new DescribeTableCommand({ TableName: streamed.tables.commands }),
    );
    expect(Table?.StreamSpecification).toEqual({ StreamEnabled: true, StreamViewType: 'NEW_IMAGE' });
    expect(streamed.endpoint).not.toBe(mine.endpoint);
    await streamed.stop();
  });
});
