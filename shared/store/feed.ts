import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { FEED, FEED_HEAD, feedSk, subjectFeed, typeFeed } from './keys.ts';
import { type Item, transact } from './transaction.ts';

/** The feed names events; their content stays where it is, so that a redaction shows. */
export interface FeedItem {
  /** Contiguous from 1 over all streams. */
  position: number;
  type: string;
  stream: string;
  sequence: number;
}

export type Unplaced = Omit<FeedItem, 'position'>;

export interface FeedFilter {
  type?: string;
  subject?: string;
}

export interface Feed {
  /** The last position; 0 while the feed is empty. */
  head(): Promise<number>;
  /** The last sequence of a stream that is in the feed. */
  fedUpTo(stream: string): Promise<number>;
  /** Appends in the order given, behind `head`. False where the head is another by now: then nothing is written. */
  append(head: number, items: readonly Unplaced[]): Promise<boolean>;
  /** Items after a position, in order. They are read consistently: what is shown has no hole that could be filled later. */
  after(position: number, filter: FeedFilter, limit: number): Promise<FeedItem[]>;
  /** The last items, the newest first. */
  latest(filter: FeedFilter, limit: number): Promise<FeedItem[]>;
}

/** A transaction takes 100 items: the head, and three for each event. */
export const MAX_APPEND = 33;

export function feed(client: DynamoDBClient, table: string): Feed {
  const query = async (
    pk: string,
    type: string | undefined,
    options: { after?: number; limit: number; newest?: true },
  ): Promise<FeedItem[]> => {
    const found: FeedItem[] = [];
    let start: Record<string, AttributeValue> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          ConsistentRead: true,
          KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
          ExpressionAttributeValues: {
            ':pk': { S: pk },
            ':first': { S: feedSk((options.after ?? 0) + 1) },
            ':last': { S: feedSk(Number.MAX_SAFE_INTEGER) },
            ...(type !== undefined && { ':type': { S: type } }),
          },
          ...(type !== undefined && {
            FilterExpression: '#type = :type',
            ExpressionAttributeNames: { '#type': 'type' },
          }),
          ScanIndexForward: !options.newest,
          Limit: options.limit,
          ExclusiveStartKey: start,
        }),
      );
      found.push(...Items.map(fromItem));
      start = LastEvaluatedKey;
    } while (start && found.length < options.limit);
    return found.slice(0, options.limit);
  };

  return {
    async head() {
      const { Item } = await client.send(
        new GetItemCommand({
          TableName: table,
          ConsistentRead: true,
          Key: { pk: { S: FEED_HEAD.pk }, sk: { S: FEED_HEAD.sk } },
        }),
      );
      return Number(Item?.['reached']?.N ?? 0);
    },
    async fedUpTo(stream) {
      const [last] = await query(subjectFeed(stream), undefined, { limit: 1, newest: true });
      return last?.sequence ?? 0;
    },
    async append(head, items) {
      const put = (item: Item, condition: string, values?: Record<string, AttributeValue>) => ({
        Put: {
          TableName: table,
          Item: item,
          ConditionExpression: condition,
          ...(values && { ExpressionAttributeValues: values }),
        },
      });
      const end = {
        pk: { S: FEED_HEAD.pk },
        sk: { S: FEED_HEAD.sk },
        reached: { N: String(head + items.length) },
      };
      const failed = await transact(client, [
        head === 0
          ? put(end, 'attribute_not_exists(pk)')
          : put(end, 'reached = :head', { ':head': { N: String(head) } }),
        ...items.flatMap((item, index) =>
          [FEED, subjectFeed(item.stream), typeFeed(item.type)].map((pk) =>
            put(toItem(pk, { ...item, position: head + index + 1 }), 'attribute_not_exists(pk)'),
          ),
        ),
      ]);
      return failed === null;
    },
    after: (position, filter, limit) => query(...partition(filter), { after: position, limit }),
    latest: (filter, limit) => query(...partition(filter), { limit, newest: true }),
  };
}

/** Where the items of a filter stand, and the type that is still to be filtered out there. */
const partition = ({ type, subject }: FeedFilter): [pk: string, type: string | undefined] => {
  if (subject !== undefined) return [subjectFeed(subject), type];
  return [type === undefined ? FEED : typeFeed(type), undefined];
};

const toItem = (pk: string, { position, type, stream, sequence }: FeedItem): Item => ({
  pk: { S: pk },
  sk: { S: feedSk(position) },
  type: { S: type },
  stream: { S: stream },
  sequence: { N: String(sequence) },
});

const fromItem = (item: Record<string, AttributeValue>): FeedItem => ({
  position: Number(item['sk']?.S?.slice(2)),
  type: item['type']?.S ?? '',
  stream: item['stream']?.S ?? '',
  sequence: Number(item['sequence']?.N),
});
