import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { type Delivery, later, locate } from './delivery.ts';
import {
  bodyItem,
  type Change,
  deliveryItem,
  deliveryPuts,
  dueAttributes,
  idOf,
  marshalKey,
  placeholders,
  settlement,
  toDelivery,
} from './delivery-item.ts';
import { type DeliveryLog, deliveryLog } from './delivery-log.ts';
import { bodyKey, DELIVERY_PREFIX, dueShard } from './keys.ts';
import { type Told, writeAndTell } from './told.ts';
import type { Item } from './transaction.ts';

type Attributes = Record<string, AttributeValue>;

/** A delivery that is being attempted: nobody else attempts it while the lease lasts. */
export interface Leased extends Delivery {
  lease: string;
}

export interface Deliveries extends DeliveryLog {
  /** Keeps the bytes of an event, once. */
  putBody(eventId: string, body: string, now: string): Promise<void>;
  body(eventId: string): Promise<string | null>;
  /** Puts it if absent. True where it still waits for its first attempt, so that a message is needed. */
  put(delivery: Delivery): Promise<boolean>;
  /** Puts a new one with its bytes and what tells of it: all, or none. */
  begin(delivery: Delivery, body: string, told: Told): Promise<void>;
  one(id: string): Promise<Delivery | null>;
  /** Takes the lease of a pending delivery whose time has come; null where there is nothing to do (now). */
  claim(id: string, lease: string, now: string, until: string): Promise<Leased | null>;
  /**
   * Writes what became of it, if the lease is still held. `nextAttemptAt: null` while pending: it waits to be released.
   * @param told makes the put that tells of it, for the same transaction; made again where another took its place.
   */
  settle(leased: Leased, next: Settled, told?: Told): Promise<boolean>;
  /** Makes one that waits to be released due now; false where it doesn't wait. */
  release(id: string, now: string): Promise<boolean>;
  /** Starts its schedule anew; false while it is being attempted. `told` as for `settle`. */
  restart(id: string, now: string, told?: Told): Promise<boolean>;
  /** What one shard has to have looked at until a time, the longest due first. */
  due(shard: number, until: string, limit: number): Promise<Due[]>;
  /** Puts the next look off; false where somebody did something with it meanwhile. */
  lookAgain(due: Due, at: string): Promise<boolean>;
}

export interface Due {
  id: string;
  at: string;
}

export type Settled = Pick<Delivery, 'status' | 'attempts' | 'nextAttemptAt' | 'reason'>;

export function deliveries(client: DynamoDBClient, table: string): Deliveries {
  const keyOf = (id: string): Attributes => {
    const place = locate(id);
    if (!place) throw new RangeError(`${id} is no id of a delivery`);
    return { pk: { S: place.subscriptionId }, sk: { S: DELIVERY_PREFIX + place.place } };
  };
  const update = async (
    id: string,
    input: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>,
  ): Promise<{ done: boolean; item: Attributes | undefined }> => {
    try {
      const { Attributes } = await client.send(
        new UpdateItemCommand({ TableName: table, Key: keyOf(id), ...input }),
      );
      return { done: true, item: Attributes };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return { done: false, item: error.Item };
      throw error;
    }
  };
  const updateAndTell = async (id: string, change: Change, told: Told | undefined): Promise<boolean> => {
    if (!told) return (await update(id, change)).done;
    return writeAndTell(client, [{ Update: { TableName: table, Key: keyOf(id), ...change } }], told);
  };
  const putIfAbsent = async (item: Item): Promise<Attributes | null> => {
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: item,
          ConditionExpression: 'attribute_not_exists(pk)',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return null;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return error.Item ?? {};
      throw error;
    }
  };
  return {
    ...deliveryLog(client, table),

    async putBody(eventId, body, now) {
      await putIfAbsent(bodyItem(eventId, body, now));
    },

    async body(eventId) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, ConsistentRead: true, Key: marshalKey(bodyKey(eventId)) }),
      );
      return Item?.['body']?.S ?? null;
    },

    async put(delivery) {
      const standing = await putIfAbsent(deliveryItem(delivery));
      if (!standing) return true;
      const { status, attempts } = toDelivery(standing);
      return status === 'pending' && attempts === 0;
    },

    async begin(delivery, body, told) {
      await writeAndTell(client, deliveryPuts(table, delivery, body), told);
    },

    async one(id) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, ConsistentRead: true, Key: keyOf(id) }),
      );
      return Item ? toDelivery(Item) : null;
    },

    async claim(id, lease, now, until) {
      const { done, item } = await update(id, {
        UpdateExpression: 'SET lease = :lease, leaseUntil = :until',
        ConditionExpression:
          '#status = :pending AND (attribute_not_exists(nextAt) OR nextAt <= :soon)' +
          ' AND (attribute_not_exists(leaseUntil) OR leaseUntil < :now)',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: {
          ':lease': { S: lease },
          ':until': { S: until },
          ':now': { S: now },
          // A message that comes a moment early, by another clock, is not sent away.
          ':soon': { S: later(now, 1) },
          ':pending': { S: 'pending' },
        },
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      // The SDK retries a call whose answer was lost: then the lease that stands in the way is our own.
      const ours = done || item?.['lease']?.S === lease;
      return item && ours ? { ...toDelivery(item), lease } : null;
    },

    settle: (leased, next, told) => updateAndTell(leased.id, settlement(leased, next), told),

    async release(id, now) {
      const { done } = await update(id, {
        UpdateExpression: 'SET nextAt = :nextAt, due = :due, dueAt = :dueAt',
        ConditionExpression: '#status = :pending AND attribute_not_exists(due)',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':pending': { S: 'pending' }, ...placeholders(dueAttributes(id, now)) },
      });
      return done;
    },

    restart: (id, now, told) =>
      updateAndTell(
        id,
        {
          UpdateExpression:
            'SET #status = :pending, earlier = attempts, nextAt = :nextAt, due = :due, dueAt = :dueAt REMOVE reason, lease, leaseUntil',
          ConditionExpression:
            'attribute_exists(pk) AND (attribute_not_exists(leaseUntil) OR leaseUntil < :now)',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: {
            ':pending': { S: 'pending' },
            ':now': { S: now },
            ...placeholders(dueAttributes(id, now)),
          },
        },
        told,
      ),

    async due(shard, until, limit) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: 'byDue',
          KeyConditionExpression: 'due = :shard AND dueAt <= :until',
          ExpressionAttributeValues: { ':shard': { S: dueShard(shard) }, ':until': { S: until } },
          Limit: limit,
        }),
      );
      return Items.map((item) => ({ id: idOf(item), at: item['dueAt']?.S ?? '' }));
    },

    async lookAgain({ id, at }, next) {
      const { done } = await update(id, {
        UpdateExpression: 'SET dueAt = :next',
        ConditionExpression: 'dueAt = :seen',
        ExpressionAttributeValues: { ':next': { S: next }, ':seen': { S: at } },
      });
      return done;
    },
  };
}
