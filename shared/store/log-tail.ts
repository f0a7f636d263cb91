import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Order } from '../trail/query.ts';
import { type Key, PENDING } from './keys.ts';

/** An entry that waits for its place in the log: where it stands in line (`<recordedAt>#<pk>#<sk>`), and its own key. */
export interface Queued {
  place: string;
  key: Key;
}

export interface LogTail {
  /**
   * Who waits, from one place on and up to another, both exclusive; read consistently. `rest` says whether more than `limit` do.
   */
  between(
    after: string,
    before: string,
    order: Order,
    limit: number,
  ): Promise<{ queued: Queued[]; rest: boolean }>;
}

export function logTail(client: DynamoDBClient, table: string): LogTail {
  return {
    async between(after, before, order, limit) {
      const queued: Queued[] = [];
      let start: Record<string, AttributeValue> | undefined;
      do {
        const { Items = [], LastEvaluatedKey } = await client.send(
          new QueryCommand({
            TableName: table,
            ConsistentRead: true,
            KeyConditionExpression: 'pk = :pending AND sk BETWEEN :after AND :before',
            ExpressionAttributeValues: {
              ':pending': { S: PENDING },
              ':after': { S: after },
              ':before': { S: before },
            },
            ScanIndexForward: order === 'asc',
            Limit: limit + 2 - queued.length,
            ...(start && { ExclusiveStartKey: start }),
          }),
        );
        for (const item of Items) {
          const place = item['sk']?.S ?? '';
          if (place !== after && place !== before) queued.push({ place, key: keyIn(place) });
        }
        start = LastEvaluatedKey;
      } while (start && queued.length <= limit);
      return { queued: queued.slice(0, limit), rest: queued.length > limit };
    },
  };
}

/** A place names the key of its entry; no stream has a `#` in its name. */
function keyIn(place: string): Key {
  const [, pk = '', ...sk] = place.split('#');
  return { pk, sk: sk.join('#') };
}
