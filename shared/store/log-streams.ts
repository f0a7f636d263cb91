import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
} from '@aws-sdk/client-dynamodb';
import { inParallel } from '../runtime/parallel.ts';
import { batchGet } from './commitments.ts';
import { STREAMS } from './keys.ts';

/** The last entry of a stream that has its place in the log. */
export interface StreamEnd {
  stream: string;
  sequence: number;
  /** The hash of the record it was made from; of its own bytes, where it was made from none. Hexadecimal. */
  recordHash: string;
  index: number;
}

export interface LogStreams {
  /** The ends of streams that have one, read consistently. */
  ends(streams: readonly string[]): Promise<Map<string, StreamEnd>>;
  /** Moves ends forward; one that is as far already stays. */
  advance(ends: readonly StreamEnd[]): Promise<void>;
  /** All of them, in the order of their names. */
  all(): AsyncGenerator<StreamEnd>;
}

const AT_ONCE = 16;

export function logStreams(client: DynamoDBClient, table: string): LogStreams {
  return {
    async ends(streams) {
      const items = await batchGet(
        client,
        table,
        [...new Set(streams)].map((sk) => ({ pk: STREAMS, sk })),
      );
      return new Map(items.map(fromItem).map((end) => [end.stream, end]));
    },
    advance: async (ends) => {
      await inParallel(ends, AT_ONCE, async ({ stream, sequence, recordHash, index }) => {
        try {
          await client.send(
            new PutItemCommand({
              TableName: table,
              Item: {
                pk: { S: STREAMS },
                sk: { S: stream },
                sequence: { N: String(sequence) },
                recordHash: { S: recordHash },
                index: { N: String(index) },
              },
              ConditionExpression: 'attribute_not_exists(pk) OR #sequence < :sequence',
              ExpressionAttributeNames: { '#sequence': 'sequence' },
              ExpressionAttributeValues: { ':sequence': { N: String(sequence) } },
            }),
          );
        } catch (error) {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
        }
      });
    },
    async *all() {
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          KeyConditionExpression: 'pk = :streams',
          ExpressionAttributeValues: { ':streams': { S: STREAMS } },
        },
      );
      for await (const { Items = [] } of pages) for (const item of Items) yield fromItem(item);
    },
  };
}

const fromItem = (item: Record<string, AttributeValue>): StreamEnd => ({
  stream: item['sk']?.S ?? '',
  sequence: Number(item['sequence']?.N),
  recordHash: item['recordHash']?.S ?? '',
  index: Number(item['index']?.N),
});
