import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
  type TransactWriteItem,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { fold } from '../commitment/evolve.ts';
import { canonical } from '../record/canonical.ts';
import { open } from '../record/event-record.ts';
import { eventId } from '../record/streams.ts';
import { cloudEvent } from './cloud-event.ts';
import { batchGet, stateItems } from './commitments.ts';
import { bodyItem } from './delivery-item.ts';
import { events } from './events.ts';
import { bodyKey, eventKey, HEAD, subjectKey } from './keys.ts';
import { transact } from './transaction.ts';

export interface TextPlace {
  stream: string;
  sequence: number;
  path: string;
}

export interface Eraser {
  /** Whether the text still stands in its record; null where there is no such text. */
  textStands(place: TextPlace): Promise<boolean | null>;
  /**
   * Takes a text out of its record, out of the state that was folded from it, and out of what is kept to be sent again. The record's
   * bytes hold its salted hash and stay as they are. May be repeated.
   * @returns how many items were changed.
   */
  text(place: TextPlace): Promise<number>;
  /** Whether anything still says who is behind a pseudonym. */
  personStands(pseudonym: string): Promise<boolean>;
  /** Takes away all rows that say who is behind a pseudonym. May be repeated. @returns how many there were. */
  person(pseudonym: string): Promise<number>;
}

export function eraser(
  client: DynamoDBClient,
  { commands, people, notifications }: { commands: string; people: string; notifications: string },
): Eraser {
  const records = events(client, commands);

  async function fromRecord({ stream, sequence, path }: TextPlace): Promise<number> {
    const key = eventKey(stream, sequence);
    for (;;) {
      const [item] = await batchGet(client, commands, [key]);
      const before = item?.['texts']?.S;
      const texts = JSON.parse(before ?? '{}') as Record<string, unknown>;
      if (before === undefined || !Object.hasOwn(texts, path)) return 0;
      const { [path]: _, ...rest } = texts;
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: commands,
            Key: { pk: { S: key.pk }, sk: { S: key.sk } },
            UpdateExpression: 'SET texts = :after',
            ConditionExpression: 'texts = :before',
            ExpressionAttributeValues: { ':after': { S: JSON.stringify(rest) }, ':before': { S: before } },
          }),
        );
        return 1;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }
    }
  }

  /** Writes the state that the records now give, item by item where it differs from what stands. */
  async function fromState(stream: string): Promise<number> {
    for (;;) {
      const kept = [];
      let hash = '';
      for await (const record of records.all(stream)) {
        kept.push(open(record));
        hash = record.hash;
      }
      const state = fold(kept);
      if (!state) return 0;
      const items = stateItems(null, state, hash);
      const standing = await batchGet(
        client,
        commands,
        items.map(({ pk, sk }) => ({ pk: text(pk), sk: text(sk) })),
      );
      const docs = new Map(standing.map((item) => [item['sk']?.S, item['doc']?.S]));
      const differing = items.filter(({ sk, doc }) => !sameJson(docs.get(text(sk)), text(doc)));
      if (differing.length === 0) return 0;
      const atVersion: TransactWriteItem = {
        ConditionCheck: {
          TableName: commands,
          Key: { pk: { S: stream }, sk: { S: HEAD } },
          ConditionExpression: 'version = :version',
          ExpressionAttributeValues: { ':version': { N: String(state.head.version) } },
        },
      };
      const puts = differing.map((item): TransactWriteItem => {
        const isHead = text(item['sk']) === HEAD;
        return {
          Put: {
            TableName: commands,
            Item: item,
            ...(isHead && {
              ConditionExpression: 'version = :version',
              ExpressionAttributeValues: { ':version': { N: String(state.head.version) } },
            }),
          },
        };
      });
      const withHead = differing.some(({ sk }) => text(sk) === HEAD);
      // A command was faster: its state is folded anew.
      if (await transact(client, withHead ? puts : [atVersion, ...puts])) continue;
      return differing.length;
    }
  }

  async function fromBody({ stream, sequence }: TextPlace): Promise<number> {
    const id = eventId(stream, sequence);
    const [item] = await batchGet(client, notifications, [bodyKey(id)]);
    const record = await records.one(stream, sequence);
    if (!item || !record) return 0;
    const body = JSON.stringify(cloudEvent(record));
    if (item['body']?.S === body) return 0;
    const { body: fresh } = bodyItem(id, body, new Date(0).toISOString());
    if (!fresh) return 0;
    await client.send(new PutItemCommand({ TableName: notifications, Item: { ...item, body: fresh } }));
    return 1;
  }

  const rowsOf = (pseudonym: string) =>
    paginateQuery(
      { client },
      {
        TableName: people,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pseudonym',
        ExpressionAttributeValues: { ':pseudonym': { S: pseudonym } },
      },
    );

  return {
    async textStands({ stream, sequence, path }) {
      const record = await records.one(stream, sequence);
      if (!record) return null;
      if (Object.hasOwn(record.texts, path)) return true;
      return hashedAt(JSON.parse(record.bytes).data, path) ? false : null;
    },
    async text(place) {
      const inRecord = await fromRecord(place);
      return inRecord + (await fromState(place.stream)) + (await fromBody(place));
    },
    async personStands(pseudonym) {
      for await (const { Items = [] } of rowsOf(pseudonym)) if (Items.length > 0) return true;
      return false;
    },
    async person(pseudonym) {
      let gone = 0;
      for await (const { Items = [] } of rowsOf(pseudonym))
        for (const item of Items) {
          const subject = item['subject']?.S;
          const keys = [
            ...(subject === undefined ? [] : [subjectKey(subject)]),
            { pk: pseudonym, sk: item['sk']?.S ?? '' },
          ];
          await transact(
            client,
            keys.map(({ pk, sk }) => ({
              Delete: { TableName: people, Key: { pk: { S: pk }, sk: { S: sk } } },
            })),
          );
          gone += keys.length;
        }
      return gone;
    },
  };
}

const sameJson = (one: string | undefined, other: string): boolean =>
  one !== undefined && canonical(JSON.parse(one)) === canonical(JSON.parse(other));

const text = (value: unknown): string => (value as { S?: string } | undefined)?.S ?? '';

/** Whether the salted hash of a text stands at the path. */
function hashedAt(data: unknown, path: string): boolean {
  let node = data;
  for (const step of path.split('.')) {
    if (node === null || typeof node !== 'object' || !Object.hasOwn(node, step)) return false;
    node = (node as Record<string, unknown>)[step];
  }
  return node !== null && typeof node === 'object' && Object.hasOwn(node, 'sha256');
}
