import type { AttributeValue, TransactWriteItem, Update } from '@aws-sdk/client-dynamodb';
import { doc } from './commitments.ts';
import { type Attempt, type Delivery, deliveryId, later, locate } from './delivery.ts';
import { bodyKey, DELIVERY_PREFIX, dueShard, type Key } from './keys.ts';
import type { Item } from './transaction.ts';

type Attributes = Record<string, AttributeValue>;

/** Deliveries, attempts and bodies are kept for 30 days, a body a little longer than what needs it. */
const KEEP_SECONDS = 30 * 86_400;
const KEEP_BODY_SECONDS = 45 * 86_400;

/** The index by time is spread over so many partitions. */
export const DUE_SHARDS = 4;

/** A message is on its way for what is due soon: the sweep looks after it only so long later, in case the message was lost. */
const GRACE_SECONDS = 30;

/** The items that a new delivery and the bytes it sends are put with, in somebody's transaction. */
export const deliveryPuts = (
  table: string,
  delivery: Delivery,
  body: string,
): [TransactWriteItem, TransactWriteItem] => [
  { Put: { TableName: table, Item: deliveryItem(delivery) } },
  { Put: { TableName: table, Item: bodyItem(delivery.eventId, body, delivery.createdAt) } },
];

/** The attributes that say when it is to be attempted, and when the sweep has to look after it. */
export function dueAttributes(
  id: string,
  nextAttemptAt: string,
): Record<'nextAt' | 'due' | 'dueAt', { S: string }> {
  const shard = Number.parseInt(id.slice(-1), 16) % DUE_SHARDS;
  return {
    nextAt: { S: nextAttemptAt },
    due: { S: dueShard(shard) },
    dueAt: { S: later(nextAttemptAt, GRACE_SECONDS) },
  };
}

export const marshalKey = ({ pk, sk }: Key): Attributes => ({ pk: { S: pk }, sk: { S: sk } });

export const placeholders = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`:${name}`, value]));

/** A change of an item, without its key. */
export type Change = Pick<
  Update,
  'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
> & { UpdateExpression: string };

/** Gives back the lease, on the condition that it is still held, and writes what became of the delivery. */
export function settlement(
  { id, lease }: { id: string; lease: string },
  {
    status,
    attempts,
    nextAttemptAt,
    reason,
  }: Pick<Delivery, 'status' | 'attempts' | 'nextAttemptAt' | 'reason'>,
): Change {
  const due = status === 'pending' && nextAttemptAt !== null ? dueAttributes(id, nextAttemptAt) : {};
  const set = {
    attempts: { N: String(attempts) },
    ...due,
    ...(reason !== null && { reason: { S: reason } }),
  };
  const gone = ['lease', 'leaseUntil', ...['nextAt', 'due', 'dueAt', 'reason'].filter((n) => !(n in set))];
  return {
    UpdateExpression: `SET #status = :status, ${Object.keys(set)
      .map((name) => `${name} = :${name}`)
      .join(', ')} REMOVE ${gone.join(', ')}`,
    ConditionExpression: 'lease = :lease',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: { ':lease': { S: lease }, ':status': { S: status }, ...placeholders(set) },
  };
}

const expiry = (now: string, seconds: number): { N: string } => ({
  N: String(Math.floor(Date.parse(now) / 1000) + seconds),
});

export function deliveryItem(delivery: Delivery): Item {
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

export const idOf = (item: Attributes): string =>
  deliveryId(item['pk']?.S ?? '', (item['sk']?.S ?? '').slice(DELIVERY_PREFIX.length));

export const toDelivery = (item: Attributes): Delivery => ({
  id: idOf(item),
  subscriptionId: item['pk']?.S ?? '',
  ...doc<Pick<Delivery, 'eventId' | 'type' | 'kind' | 'time' | 'createdAt'>>(item),
  status: (item['status']?.S ?? 'pending') as Delivery['status'],
  attempts: Number(item['attempts']?.N),
  earlier: Number(item['earlier']?.N),
  nextAttemptAt: item['nextAt']?.S ?? null,
  reason: item['reason']?.S ?? null,
});

export const bodyItem = (eventId: string, body: string, now: string): Item => ({
  pk: { S: bodyKey(eventId).pk },
  sk: { S: bodyKey(eventId).sk },
  body: { S: body },
  expiresAt: expiry(now, KEEP_BODY_SECONDS),
});

/** The answer stands beside the JSON, not in it, where control characters would take six times their size (an item has 400 KB). */
export function attemptItem({ pk, sk }: Key, { response, ...attempt }: Attempt, now: string): Item {
  return {
    pk: { S: pk },
    sk: { S: sk },
    doc: { S: JSON.stringify({ ...attempt, response: response && { ...response, body: '' } }) },
    ...(response?.body && { answer: { S: response.body } }),
    expiresAt: expiry(now, KEEP_SECONDS),
  };
}

export function toAttempt(item: Attributes): Attempt {
  const attempt = doc<Attempt>(item);
  const body = item['answer']?.S ?? '';
  return { ...attempt, response: attempt.response && { ...attempt.response, body } };
}
