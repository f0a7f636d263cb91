import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  paginateQuery,
  type TransactWriteItem,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { batchGet } from './commitments.ts';
import {
  DEPENDENT_PREFIX,
  type Key,
  LEASE,
  NODE,
  newestKey,
  REGISTER,
  REPAIRS,
  rollupKeyOf,
  rollupPk,
  rollupValue,
} from './keys.ts';
import { pack, unpack } from './packed-days.ts';
import { transact } from './transaction.ts';

type Attributes = Record<string, AttributeValue>;

/** Named whole numbers. */
export type GroupCounters = Record<string, number>;

/** What a commitment contributes to the totals, as it stands in the table. */
export interface NodeItem {
  id: string;
  /** One more at every write; 0 where nothing stands. */
  revision: number;
  /** Whether others depend on it. */
  hub: boolean;
  /** JSON; null where it is known only as something that others depend on. */
  doc: string | null;
}

/** What is written together, or not at all. */
export interface RollupChange {
  /** Nodes with their new documents; each has to stand as it was read. */
  nodes: { was: NodeItem; doc: string }[];
  /** Nodes that were read for this: they have to stand as read, and become hubs. */
  read: NodeItem[];
  /** What is added to the counters of groups, by group id. */
  totals: ReadonlyMap<string, GroupCounters>;
  /** Commitments that get their first node. */
  registered: { responseId: string; id: string }[];
}

/** Who may write at `now` (epoch milliseconds): anyone while nobody holds the lease, or its holder alone. */
export interface Guard {
  now: number;
  holder?: string;
}

/** `raced`: something read has changed since. `leased`: the guard doesn't let it through. */
export type Applied = 'applied' | 'raced' | 'leased';

export interface Rollups {
  /** In the order asked; those that don't stand have revision 0. Read consistently. */
  nodes(ids: readonly string[]): Promise<NodeItem[]>;
  /** Ids of all that depend on it, directly or not; read consistently. */
  dependentsOf(id: string): Promise<string[]>;
  /** Says who depends on whom; saying it again changes nothing. */
  addDependent(id: string, dependsOn: readonly string[]): Promise<void>;
  /** The groups of one dimension with their counters; read consistently. */
  groups(scope: string, by: string): Promise<{ value: string | null; counters: GroupCounters }[]>;
  apply(change: RollupChange, guard: Guard): Promise<Applied>;
  /** Moves the time of the newest event on; it never goes back. */
  seenUntil(responseId: string, time: string): Promise<void>;
  /** That time (null for none), and how many rebuilds have mended something; read consistently. */
  newest(responseId: string): Promise<{ time: string | null; repairs: number }>;
}

/** A transaction takes 100 items; this leaves room for the guard. */
export const MAX_ITEMS = 98;

export function rollups(client: DynamoDBClient, table: string): Rollups {
  return {
    async nodes(ids) {
      const keys = [...new Set(ids)].map((id) => ({ pk: id, sk: NODE }));
      const found = new Map((await batchGet(client, table, keys)).map((item) => [item['pk']?.S ?? '', item]));
      return ids.map((id) => toNode(id, found.get(id)));
    },

    async dependentsOf(id) {
      const sks = await query(client, table, id, DEPENDENT_PREFIX);
      return sks.map((item) => (item['sk']?.S ?? '').slice(DEPENDENT_PREFIX.length));
    },

    async addDependent(id, dependsOn) {
      for (let from = 0; from < dependsOn.length; from += MAX_ITEMS)
        await transact(
          client,
          dependsOn
            .slice(from, from + MAX_ITEMS)
            .map((other) => put(table, { pk: other, sk: `${DEPENDENT_PREFIX}${id}` })),
        );
    },

    async groups(scope, by) {
      const items = await query(client, table, rollupPk(scope, by));
      return items.map((item) => ({ value: rollupValue(item['sk']?.S ?? ''), counters: toCounters(item) }));
    },

    async apply({ nodes, read, totals, registered }, guard) {
      const failed = await transact(client, [
        guardItem(table, guard),
        ...nodes.map(({ was, doc }) => nodePut(table, was, doc)),
        ...read.map((node) => hubUpdate(table, node)),
        ...[...totals].map(([id, counters]) => countersUpdate(table, rollupKeyOf(id), counters)),
        ...registered.map(({ responseId, id }) => put(table, { pk: REGISTER, sk: `${responseId}#${id}` })),
      ]);
      if (!failed) return 'applied';
      return failed.index === 0 ? 'leased' : 'raced';
    },

    async seenUntil(responseId, time) {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: key(newestKey(responseId)),
            UpdateExpression: 'SET #time = :time',
            ConditionExpression: 'attribute_not_exists(#time) OR #time < :time',
            ExpressionAttributeNames: { '#time': 'time' },
            ExpressionAttributeValues: { ':time': { S: time } },
          }),
        );
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    },

    async newest(responseId) {
      const items = await batchGet(client, table, [newestKey(responseId), REPAIRS]);
      const newest = items.find((item) => item['pk']?.S === responseId);
      const repairs = items.find((item) => item['pk']?.S === REPAIRS.pk);
      return { time: newest?.['time']?.S ?? null, repairs: Number(repairs?.['count']?.N ?? 0) };
    },
  };
}

/** Every item of a partition (whose sort key begins with `prefix`), read consistently. */
export async function query(
  client: DynamoDBClient,
  table: string,
  pk: string,
  prefix?: string,
): Promise<Attributes[]> {
  const items: Attributes[] = [];
  const pages = paginateQuery(
    { client },
    {
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: prefix ? 'pk = :pk AND begins_with(sk, :prefix)' : 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pk }, ...(prefix && { ':prefix': { S: prefix } }) },
    },
  );
  for await (const { Items = [] } of pages) items.push(...Items);
  return items;
}

export const key = ({ pk, sk }: Key): { pk: { S: string }; sk: { S: string } } => ({
  pk: { S: pk },
  sk: { S: sk },
});

export const guardItem = (table: string, { now, holder }: Guard): TransactWriteItem => ({
  ConditionCheck: {
    TableName: table,
    Key: key(LEASE),
    ConditionExpression: holder
      ? '#holder = :holder AND #until > :now'
      : 'attribute_not_exists(pk) OR #until <= :now',
    ExpressionAttributeNames: { '#until': 'until', ...(holder && { '#holder': 'holder' }) },
    ExpressionAttributeValues: { ':now': { N: String(now) }, ...(holder && { ':holder': { S: holder } }) },
  },
});

const nodeItem = ({ id, revision, hub, doc }: NodeItem): Record<string, AttributeValue> => ({
  ...key({ pk: id, sk: NODE }),
  revision: { N: String(revision) },
  ...(hub && { hub: { BOOL: true } }),
  ...(doc !== null && { doc: { S: doc } }),
});

function nodePut(table: string, was: NodeItem, doc: string): TransactWriteItem {
  return {
    Put: {
      TableName: table,
      Item: nodeItem({ ...was, revision: was.revision + 1, doc }),
      ...stands(was),
    },
  };
}

function hubUpdate(table: string, node: NodeItem): TransactWriteItem {
  const { ExpressionAttributeValues = {}, ...condition } = stands(node);
  return {
    Update: {
      TableName: table,
      Key: key({ pk: node.id, sk: NODE }),
      UpdateExpression: 'SET revision = :next, hub = :true',
      ...condition,
      ExpressionAttributeValues: {
        ...ExpressionAttributeValues,
        ':next': { N: String(node.revision + 1) },
        ':true': { BOOL: true },
      },
    },
  };
}

function stands({ revision }: NodeItem) {
  if (revision === 0) return { ConditionExpression: 'attribute_not_exists(pk)' };
  return {
    ConditionExpression: 'revision = :revision',
    ExpressionAttributeValues: { ':revision': { N: String(revision) } } as Attributes,
  };
}

/** ADD commutes: two writers at a time leave the sum of both, whoever comes first. */
function countersUpdate(table: string, at: Key, counters: GroupCounters): TransactWriteItem {
  const entries = pack(counters);
  return {
    Update: {
      TableName: table,
      Key: key(at),
      UpdateExpression: `ADD ${entries.map((_, index) => `#${index} :${index}`).join(',')}`,
      ExpressionAttributeNames: Object.fromEntries(entries.map(([name], index) => [`#${index}`, name])),
      ExpressionAttributeValues: Object.fromEntries(
        entries.map(([, value], index) => [`:${index}`, { N: value }]),
      ),
    },
  };
}

const put = (table: string, at: Key): TransactWriteItem => ({ Put: { TableName: table, Item: key(at) } });

const toNode = (id: string, item: Attributes | undefined): NodeItem => ({
  id,
  revision: Number(item?.['revision']?.N ?? 0),
  hub: item?.['hub']?.BOOL ?? false,
  doc: item?.['doc']?.S ?? null,
});

const toCounters = (item: Attributes): GroupCounters =>
  unpack(Object.entries(item).flatMap(([name, { N }]) => (N === undefined ? [] : [[name, N] as const])));
