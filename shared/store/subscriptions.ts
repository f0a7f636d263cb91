import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { batchGet, doc } from './commitments.ts';
import { type Directory, directory, directoryChange, type Listener } from './directory.ts';
import { type Claim, idempotencyItem, type Seen, seen } from './idempotency.ts';
import { type Key, ownerPk, SECRETS, SLOW, SUBSCRIPTION } from './keys.ts';
import { type Slow, type SlowEndpoints, slowEndpoints } from './slow-endpoints.ts';
import { type Item, transact } from './transaction.ts';

type Attributes = Record<string, AttributeValue>;

export type SubscriptionStatus = 'pending_verification' | 'verified' | 'disabled';

/** Who wants to know what, and where. */
export interface Subscription {
  id: string;
  /** The pseudonym of the person whose it is. */
  owner: string;
  channel: { type: 'webhook'; url: string };
  /** An EventBridge pattern over the CloudEvent; null listens to everything. */
  filter: Record<string, unknown> | null;
  description: string | null;
  active: boolean;
  /** Hears events from then on: its creation, or when it was last switched on. */
  since: string;
  status: SubscriptionStatus;
  /** The delivery whose success verifies the endpoint; null while none was asked for. */
  verification: string | null;
  createdAt: string;
  updatedAt: string;
  /** From 1, one more with each change. */
  version: number;
}

/** A secret that signs; one that was replaced signs beside the new one until `until`. */
export interface SigningSecret {
  secret: string;
  createdAt: string;
  until: string | null;
}

/** All that an attempt has to know. */
export interface Known {
  subscription: Subscription;
  secrets: SigningSecret[];
  slow: Slow | null;
}

export type Created = { outcome: 'created' } | { outcome: 'seen'; seen: Seen };
export type Kept = { outcome: 'kept' } | { outcome: 'stale' } | { outcome: 'seen'; seen: Seen };

export interface Subscriptions extends Directory, SlowEndpoints {
  /** Writes it with its secret, the idempotency record and `beside` (its first delivery): all, or none. */
  create(
    subscription: Subscription,
    secret: SigningSecret,
    claim: Claim,
    beside: readonly TransactWriteItem[],
  ): Promise<Created>;
  /** What an idempotency key was used for; null where it is new. */
  seen(claim: Claim): Promise<Seen | null>;
  one(id: string): Promise<Subscription | null>;
  /** With its secrets, newest first, and how its endpoint fares; read consistently, in one call. */
  withSecrets(id: string): Promise<Known | null>;
  /** Those of a person, newest first, before an id. */
  ofOwner(owner: string, before: string | null, limit: number): Promise<Subscription[]>;
  countOf(owner: string): Promise<number>;
  /** Replaces `before` (at its version) by `after`; false where somebody was faster. */
  change(before: Subscription, after: Subscription, beside?: readonly TransactWriteItem[]): Promise<boolean>;
  remove(subscription: Subscription, beside?: readonly TransactWriteItem[]): Promise<boolean>;
  /** Keeps the secrets with the idempotency record, on the condition that `before` is what stood there. */
  keepSecrets(
    id: string,
    before: SigningSecret[],
    after: SigningSecret[],
    claim: Claim,
    beside?: readonly TransactWriteItem[],
  ): Promise<Kept>;
  /** Keeps what a key was used for, after it was done; `count` things were. */
  remember(claim: Claim, id: string, count: number, time: string): Promise<void>;
}

export function subscriptions(client: DynamoDBClient, table: string): Subscriptions {
  const get = async ({ pk, sk }: Key): Promise<Attributes | null> => {
    const key = { pk: { S: pk }, sk: { S: sk } };
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, ConsistentRead: true, Key: key }),
    );
    return Item ?? null;
  };
  const put = (item: Item, condition?: string): TransactWriteItem => ({
    Put: { TableName: table, Item: item, ...(condition && { ConditionExpression: condition }) },
  });
  const idempotent = (claim: Claim, answer: Omit<Seen, 'payload'>, time: string): TransactWriteItem => ({
    Put: {
      TableName: table,
      Item: idempotencyItem(claim, answer, time),
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  });
  const remove = ({ pk, sk }: Key): TransactWriteItem => ({
    Delete: { TableName: table, Key: { pk: { S: pk }, sk: { S: sk } } },
  });
  const atVersion = (version: number) => ({
    ConditionExpression: 'version = :version',
    ExpressionAttributeValues: { ':version': { N: String(version) } },
  });

  return {
    ...directory(client, table),
    ...slowEndpoints(client, table),

    async create(subscription, secret, claim, beside) {
      const { id, owner, createdAt } = subscription;
      const answer = { commandId: id, stream: id, first: 1, last: 1 };
      const failed = await transact(client, [
        idempotent(claim, answer, createdAt),
        put(subscriptionItem(subscription), 'attribute_not_exists(pk)'),
        put(secretsItem(id, [secret])),
        put({ pk: { S: ownerPk(owner) }, sk: { S: id } }),
        ...directoryChange(table, null, listener(subscription)),
        ...beside,
      ]);
      if (!failed) return { outcome: 'created' };
      if (failed.index !== 0) throw new Error(`a subscription ${id} stands already`);
      const other = seen(failed.item as Attributes);
      // The SDK retries a call whose answer was lost: then the record that stands in the way is our own.
      return other.commandId === id ? { outcome: 'created' } : { outcome: 'seen', seen: other };
    },

    async seen({ key }) {
      const item = await get(key);
      return item && seen(item);
    },

    async one(id) {
      const item = await get({ pk: id, sk: SUBSCRIPTION });
      return item && doc<Subscription>(item);
    },

    async withSecrets(id) {
      const items = await batchGet(
        client,
        table,
        [SUBSCRIPTION, SECRETS, SLOW].map((sk) => ({ pk: id, sk })),
      );
      const at = (sk: string) => items.find((item) => item['sk']?.S === sk);
      const [subscription, secrets, slow] = [at(SUBSCRIPTION), at(SECRETS), at(SLOW)];
      if (!subscription || !secrets) return null;
      return {
        subscription: doc<Subscription>(subscription),
        secrets: doc<SigningSecret[]>(secrets),
        slow: slow ? doc<Slow>(slow) : null,
      };
    },

    async ofOwner(owner, before, limit) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: before === null ? 'pk = :owner' : 'pk = :owner AND sk < :before',
          ExpressionAttributeValues: {
            ':owner': { S: ownerPk(owner) },
            ...(before !== null && { ':before': { S: before } }),
          },
          ScanIndexForward: false,
          Limit: limit,
        }),
      );
      const ids = Items.map((item) => item['sk']?.S ?? '');
      const items = await batchGet(
        client,
        table,
        ids.map((id) => ({ pk: id, sk: SUBSCRIPTION })),
      );
      const found = new Map(items.map((item) => [item['pk']?.S ?? '', doc<Subscription>(item)]));
      return ids.flatMap((id) => found.get(id) ?? []);
    },

    async countOf(owner) {
      const { Count = 0 } = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          Select: 'COUNT',
          KeyConditionExpression: 'pk = :owner',
          ExpressionAttributeValues: { ':owner': { S: ownerPk(owner) } },
        }),
      );
      return Count;
    },

    async change(before, after, beside = []) {
      const failed = await transact(client, [
        { Put: { TableName: table, Item: subscriptionItem(after), ...atVersion(before.version) } },
        ...directoryChange(table, listener(before), listener(after)),
        ...beside,
      ]);
      return failed === null;
    },

    async remove(subscription, beside = []) {
      const { id, owner, version } = subscription;
      const key = { pk: { S: id }, sk: { S: SUBSCRIPTION } };
      const failed = await transact(client, [
        { Delete: { TableName: table, Key: key, ...atVersion(version) } },
        remove({ pk: id, sk: SECRETS }),
        remove({ pk: id, sk: SLOW }),
        remove({ pk: ownerPk(owner), sk: id }),
        ...directoryChange(table, listener(subscription), null),
        ...beside,
      ]);
      return failed === null;
    },

    async keepSecrets(id, before, after, claim, beside = []) {
      const [fresh] = after;
      if (!fresh) throw new RangeError('a subscription has a secret');
      const failed = await transact(client, [
        idempotent(claim, { commandId: fresh.createdAt, stream: id, first: 1, last: 1 }, fresh.createdAt),
        {
          Put: {
            TableName: table,
            Item: secretsItem(id, after),
            ConditionExpression: 'doc = :before',
            ExpressionAttributeValues: { ':before': { S: JSON.stringify(before) } },
          },
        },
        ...beside,
      ]);
      if (!failed) return { outcome: 'kept' };
      return failed.index === 0
        ? { outcome: 'seen', seen: seen(failed.item as Attributes) }
        : { outcome: 'stale' };
    },

    async remember(claim, id, count, time) {
      await transact(client, [idempotent(claim, { commandId: id, stream: id, first: 1, last: count }, time)]);
    },
  };
}

/** What it listens to; null while it is switched off. */
const listener = ({ id, filter, since, active }: Subscription): Listener | null =>
  active ? { id, filter, since } : null;

const subscriptionItem = (subscription: Subscription): Item => ({
  pk: { S: subscription.id },
  sk: { S: SUBSCRIPTION },
  version: { N: String(subscription.version) },
  doc: { S: JSON.stringify(subscription) },
});

const secretsItem = (id: string, secrets: SigningSecret[]): Item => ({
  pk: { S: id },
  sk: { S: SECRETS },
  doc: { S: JSON.stringify(secrets) },
});
