import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
  QueryCommand,
  type TransactWriteItem,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { doc } from './commitments.ts';
import { type Attempt, type Delivery, deliveryId, later, locate, timePlace } from './delivery.ts';
import { ATTEMPT_PREFIX, attemptSk, bodyKey, DELIVERY_PREFIX, dueShard, type Key } from './keys.ts';
import type { Item } from './transaction.ts';

type Attributes = Record<string, AttributeValue>;

/** A delivery that is being attempted: nobody else attempts it while the lease lasts. */
export interface Leased extends Delivery {
  lease: string;
}

/** Deliveries, attempts and bodies are kept for 30 days, a body a little longer than what needs it. */
const KEEP_SECONDS = 30 * 86_400;
const KEEP_BODY_SECONDS = 45 * 86_400;

/** The index by time is spread over so many partitions. */
export const DUE_SHARDS = 4;

/** A message is on its way for what is due soon: the sweep looks after it only so long later, in case the message was lost. */
const GRACE_SECONDS = 30;

export interface Deliveries {
  /** Keeps the bytes of an event, once. */
  putBody(eventId: string, body: string, now: string): Promise<void>;
  body(eventId: string): Promise<string | null>;
  /** Puts it if absent. True where it still waits for its first attempt, so that a message is needed. */
  put(delivery: Delivery): Promise<boolean>;
  one(id: string): Promise<Delivery | null>;
  /** Takes the lease of a pending delivery whose time has come; null where there is nothing to do (now). */
  claim(id: string, lease: string, now: string, until: string): Promise<Leased | null>;
  /** Writes what became of it, if the lease is still held. `nextAttemptAt: null` while pending: it waits to be released. */
  settle(leased: Leased, next: Settled): Promise<boolean>;
  /** Makes one that waits to be released due now; false where it doesn't wait. */
  release(id: string, now: string): Promise<boolean>;
  /** Starts its schedule anew; false while it is being attempted. */
  restart(id: string, now: string): Promise<boolean>;
  /** Pending deliveries of a subscription in the order of their events, read consistently. */
  pendingOf(subscriptionId: string): AsyncGenerator<Delivery>;
  /** All deliveries of a subscription since a time, oldest first. */
  since(subscriptionId: string, time: string): AsyncGenerator<Delivery>;
  /** The newest first, those before an id. */
  list(subscriptionId: string, before: string | null, limit: number): Promise<Delivery[]>;
  keepAttempt(id: string, attempt: Attempt, now: string): Promise<void>;
  /** The attempts of these deliveries of one subscription, which lie next to each other, by the delivery's id. */
  attempts(newestFirst: readonly Delivery[]): Promise<Map<string, Attempt[]>>;
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

    async settle({ id, lease }, { status, attempts, nextAttemptAt, reason }) {
      const due = status === 'pending' && nextAttemptAt !== null ? dueAttributes(id, nextAttemptAt) : {};
      const set = {
        attempts: { N: String(attempts) },
        ...due,
        ...(reason !== null && { reason: { S: reason } }),
      };
      const gone = [
        'lease',
        'leaseUntil',
        ...['nextAt', 'due', 'dueAt', 'reason'].filter((n) => !(n in set)),
      ];
      const { done } = await update(id, {
        UpdateExpression: `SET #status = :status, ${Object.keys(set)
          .map((name) => `${name} = :${name}`)
          .join(', ')} REMOVE ${gone.join(', ')}`,
        ConditionExpression: 'lease = :lease',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: {
          ':lease': { S: lease },
          ':status': { S: status },
          ...Object.fromEntries(Object.entries(set).map(([name, value]) => [`:${name}`, value])),
        },
      });
      return done;
    },

    async release(id, now) {
      const { done } = await update(id, {
        UpdateExpression: 'SET nextAt = :nextAt, due = :due, dueAt = :dueAt',
        ConditionExpression: '#status = :pending AND attribute_not_exists(due)',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':pending': { S: 'pending' }, ...placeholders(dueAttributes(id, now)) },
      });
      return done;
    },

    async restart(id, now) {
      const { done } = await update(id, {
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
      });
      return done;
    },

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

/** The items that a new delivery and the bytes it sends are put with, in somebody's transaction. */
export const deliveryPuts = (
  table: string,
  delivery: Delivery,
  body: string,
): [TransactWriteItem, TransactWriteItem] => [
  { Put: { TableName: table, Item: deliveryItem(delivery) } },
  { Put: { TableName: table, Item: bodyItem(delivery.eventId, body, delivery.createdAt) } },
];

const EPOCH = new Date(0).toISOString();

/** The attributes that say when it is to be attempted, and when the sweep has to look after it. */
function dueAttributes(id: string, nextAttemptAt: string): Record<'nextAt' | 'due' | 'dueAt', { S: string }> {
  const shard = Number.parseInt(id.slice(-1), 16) % DUE_SHARDS;
  return {
    nextAt: { S: nextAttemptAt },
    due: { S: dueShard(shard) },
    dueAt: { S: later(nextAttemptAt, GRACE_SECONDS) },
  };
}

const placeholders = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`:${name}`, value]));

const marshalKey = ({ pk, sk }: Key): Attributes => ({ pk: { S: pk }, sk: { S: sk } });

const expiry = (now: string, seconds: number): { N: string } => ({
  N: String(Math.floor(Date.parse(now) / 1000) + seconds),
});

function deliveryItem(delivery: Delivery): Item {
  const { id, subscriptionId, eventId, type, kind, time, createdAt, status, attempts, earlier } = delivery;
  return {
    pk: { S: subscriptionId },
    sk: { S: DELIVERY_PREFIX + (locate(id)?.place ?? '') },
    doc: { S: JSON.stringify({ eventId, type, kind, time, createdAt }) },
    status: { S: status },
    attempts: { N: String(attempts) },
    earlier: { N: String(earlier) },
    ...dueAttributes(id, delivery.nextAttemptAt ?? createdAt),
    expiresAt: expiry(createdAt, KEEP_SECONDS),
  };
}

const idOf = (item: Attributes): string =>
  deliveryId(item['pk']?.S ?? '', (item['sk']?.S ?? '').slice(DELIVERY_PREFIX.length));

const toDelivery = (item: Attributes): Delivery => ({
  id: idOf(item),
  subscriptionId: item['pk']?.S ?? '',
  ...doc<Pick<Delivery, 'eventId' | 'type' | 'kind' | 'time' | 'createdAt'>>(item),
  status: (item['status']?.S ?? 'pending') as Delivery['status'],
  attempts: Number(item['attempts']?.N),
  earlier: Number(item['earlier']?.N),
  nextAttemptAt: item['nextAt']?.S ?? null,
  reason: item['reason']?.S ?? null,
});

const bodyItem = (eventId: string, body: string, now: string): Item => ({
  pk: { S: bodyKey(eventId).pk },
  sk: { S: bodyKey(eventId).sk },
  body: { S: body },
  expiresAt: expiry(now, KEEP_BODY_SECONDS),
});

/** The answer stands beside the JSON, not in it, where control characters would take six times their size (an item has 400 KB). */
function attemptItem({ pk, sk }: Key, { response, ...attempt }: Attempt, now: string): Item {
  return {
    pk: { S: pk },
    sk: { S: sk },
    doc: { S: JSON.stringify({ ...attempt, response: response && { ...response, body: '' } }) },
    ...(response?.body && { answer: { S: response.body } }),
    expiresAt: expiry(now, KEEP_SECONDS),
  };
}

function toAttempt(item: Attributes): Attempt {
  const attempt = doc<Attempt>(item);
  const body = item['answer']?.S ?? '';
  return { ...attempt, response: attempt.response && { ...attempt.response, body } };
}
