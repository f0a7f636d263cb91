import { setTimeout as wait } from 'node:timers/promises';
import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { CONNECTION } from './tables.ts';

const POLL_MS = 10;

/** Reads a table's stream from now on, as fast as it may, and tells the keys of what was inserted. */
export async function readStream(
  endpoint: string,
  client: DynamoDBClient,
  table: string,
  inserted: (pk: string, sk: string) => void,
): Promise<{ stop(): Promise<void> }> {
  const streams = new DynamoDBStreamsClient({ ...CONNECTION, endpoint });
  const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
  const StreamArn = Table?.LatestStreamArn;
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  const open = (StreamDescription?.Shards ?? []).filter(
    ({ SequenceNumberRange }) => !SequenceNumberRange?.EndingSequenceNumber,
  );
  let stopped = false;
  const readers = open.map(async ({ ShardId }) => {
    const first = await streams.send(
      new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: 'LATEST' }),
    );
    for (let iterator = first.ShardIterator; iterator && !stopped; await wait(POLL_MS)) {
      const { Records = [], NextShardIterator } = await streams.send(
        new GetRecordsCommand({ ShardIterator: iterator }),
      );
      for (const { dynamodb } of Records)
        inserted(dynamodb?.Keys?.['pk']?.S ?? '', dynamodb?.Keys?.['sk']?.S ?? '');
      iterator = NextShardIterator;
    }
  });
  return {
    async stop() {
      stopped = true;
      await Promise.all(readers);
      streams.destroy();
    },
  };
}
