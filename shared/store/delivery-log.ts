import {
  type AttributeValue,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { type Attempt, type Delivery, deliveryId, locate, timePlace } from './delivery.ts';
import { attemptItem, toAttempt, toDelivery } from './delivery-item.ts';
import { ATTEMPT_PREFIX, attemptSk, DELIVERY_PREFIX } from './keys.ts';

type Attributes = Record<string, AttributeValue>;

/** What a subscription was told, and how. */
export interface DeliveryLog {
  /** Pending deliveries of a subscription in the order of their events, read consistently. */
  pendingOf(subscriptionId: string): AsyncGenerator<Delivery>;
  /** All deliveries of a subscription since a time, oldest first. */
  since(subscriptionId: string, time: string): AsyncGenerator<Delivery>;
  /** The newest first, those before an id. */
  list(subscriptionId: string, before: string | null, limit: number): Promise<Delivery[]>;
  keepAttempt(id: string, attempt: Attempt, now: string): Promise<void>;
  /** The attempts of these deliveries of one subscription, which lie next to each other, by the delivery's id. */
  attempts(newestFirst: readonly Delivery[]): Promise<Map<string, Attempt[]>>;
}

const EPOCH = new Date(0).toISOString();

export function deliveryLog(client: DynamoDBClient, table: string): DeliveryLog {
  async function* between(subscriptionId: string, from: string, to: string): AsyncGenerator<Attributes> {
    const pages = paginateQuery(
      { client },
      {
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :subscription AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: {
          ':subscription': { S: subscriptionId },
          ':from': { S: from },
          ':to': { S: to },
        },
      },
    );
    for await (const { Items = [] } of pages) yield* Items;
  }
  async function* since(subscriptionId: string, time: string): AsyncGenerator<Delivery> {
    const from = DELIVERY_PREFIX + timePlace(time);
    for await (const item of between(subscriptionId, from, `${DELIVERY_PREFIX}~`)) yield toDelivery(item);
  }

  return {
    async *pendingOf(subscriptionId) {
      for await (const delivery of since(subscriptionId, EPOCH))
        if (delivery.status === 'pending') yield delivery;
    },

    since,

    async list(subscriptionId, before, limit) {
      const end = before === null ? '~' : (locate(before)?.place ?? '');
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :subscription AND sk BETWEEN :from AND :to',
          ExpressionAttributeValues: {
            ':subscription': { S: subscriptionId },
            ':from': { S: DELIVERY_PREFIX },
            ':to': { S: DELIVERY_PREFIX + end },
          },
          ScanIndexForward: false,
          // `BETWEEN` takes its ends in: the one it starts before is left out below.
          Limit: limit + 1,
        }),
      );
      return Items.map(toDelivery)
        .filter(({ id }) => id !== before)
        .slice(0, limit);
    },

    async keepAttempt(id, attempt, now) {
      const place = locate(id);
      if (!place) throw new RangeError(`${id} is no id of a delivery`);
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: attemptItem(
            { pk: place.subscriptionId, sk: attemptSk(place.place, attempt.n) },
            attempt,
            now,
          ),
        }),
      );
    },

    async attempts(newestFirst) {
      const found = new Map<string, Attempt[]>();
      const [newest, oldest] = [newestFirst[0], newestFirst.at(-1)];
      if (!newest || !oldest) return found;
      const from = ATTEMPT_PREFIX + (locate(oldest.id)?.place ?? '');
      const to = `${ATTEMPT_PREFIX}${locate(newest.id)?.place ?? ''}~`;
      for await (const item of between(newest.subscriptionId, from, to)) {
        const [, place = ''] = (item['sk']?.S ?? '').split('#');
        const id = deliveryId(newest.subscriptionId, place);
        found.set(id, [...(found.get(id) ?? []), toAttempt(item)]);
      }
      return found;
    },
  };
}
