import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  paginateQuery,
} from '@aws-sdk/client-dynamodb';
import type { Card, Commitment, Evidence, Extension, Head, Occurrence } from '../commitment/state.ts';
import { CARD, HEAD, inResponse, type Key, type Part, partSk, STATE_PREFIX } from './keys.ts';
import type { Item } from './transaction.ts';

type Attributes = Record<string, AttributeValue>;

/** A state as it stands, read consistently, beside one more item that was asked for in the same call. */
export interface Loaded {
  state: Commitment | null;
  beside: Attributes | null;
}

export interface Commitments {
  /** One commitment, read consistently; `beside` reads one more item of the table in the same round trip. */
  load(id: string, beside?: Key): Promise<Loaded>;
  /** All commitments of a response, from its index (eventually consistent), without their lists of evidence, extensions, occurrences. */
  ofResponse(responseId: string): Promise<Pick<Commitment, 'card' | 'head'>[]>;
  /** The commitments with these ids, whole, in the order asked; unknown ones are left out. */
  many(ids: readonly string[]): Promise<Commitment[]>;
  /** Card and head of those that exist. */
  heads(ids: readonly string[]): Promise<Map<string, Pick<Commitment, 'card' | 'head'>>>;
}

export function commitments(client: DynamoDBClient, table: string): Commitments {
  const store: Commitments = {
    async load(id, beside) {
      const keys: Key[] = [{ pk: id, sk: HEAD }, { pk: id, sk: CARD }, ...(beside ? [beside] : [])];
      const items = await batchGet(client, table, keys);
      const head = items.find((item) => item['sk']?.S === HEAD);
      const card = items.find((item) => item['sk']?.S === CARD);
      const other =
        beside && items.find((item) => item['pk']?.S === beside.pk && item['sk']?.S === beside.sk);
      if (!head || !card) return { state: null, beside: other ?? null };
      const state = {
        card: doc<Card>(card),
        head: doc<Head>(head),
        evidence: [],
        extensions: [],
        occurrences: [],
      };
      return { state: hasParts(state.head) ? await whole(id) : state, beside: other ?? null };
    },

    async ofResponse(responseId) {
      const cards = new Map<string, Card>();
      const heads = new Map<string, Head>();
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          IndexName: 'byResponse',
          KeyConditionExpression: 'gpk = :response',
          ExpressionAttributeValues: { ':response': { S: responseId } },
        },
      );
      for await (const { Items = [] } of pages)
        for (const item of Items) {
          const id = item['pk']?.S ?? '';
          if (item['sk']?.S === CARD) cards.set(id, doc<Card>(item));
          else if (item['sk']?.S === HEAD) heads.set(id, doc<Head>(item));
        }
      return [...cards].flatMap(([id, card]) => {
        const head = heads.get(id);
        return head ? [{ card, head }] : [];
      });
    },

    async many(ids) {
      const found = await store.heads(ids);
      const states = ids.map(async (id) => {
        const known = found.get(id);
        if (!known) return null;
        return hasParts(known.head) ? whole(id) : { ...known, evidence: [], extensions: [], occurrences: [] };
      });
      return (await Promise.all(states)).filter((state) => state !== null);
    },

    async heads(ids) {
      const keys = [...new Set(ids)].flatMap((id) => [
        { pk: id, sk: HEAD },
        { pk: id, sk: CARD },
      ]);
      const items = await batchGet(client, table, keys);
      const cards = new Map(
        items.filter((item) => item['sk']?.S === CARD).map((item) => [item['pk']?.S ?? '', doc<Card>(item)]),
      );
      const found = new Map<string, Pick<Commitment, 'card' | 'head'>>();
      for (const item of items) {
        const id = item['pk']?.S ?? '';
        const card = cards.get(id);
        if (item['sk']?.S === HEAD && card) found.set(id, { card, head: doc<Head>(item) });
      }
      return found;
    },
  };

  /** Reads every item of one commitment's state in one query. */
  async function whole(id: string): Promise<Commitment | null> {
    const parts = {
      evidence: [] as Evidence[],
      extension: [] as Extension[],
      occurrence: [] as Occurrence[],
    };
    let card: Card | undefined;
    let head: Head | undefined;
    const pages = paginateQuery(
      { client },
      {
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :id AND begins_with(sk, :state)',
        ExpressionAttributeValues: { ':id': { S: id }, ':state': { S: STATE_PREFIX } },
      },
    );
    for await (const { Items = [] } of pages)
      for (const item of Items) {
        const [, name] = (item['sk']?.S ?? '').split('#');
        if (name === 'card') card = doc<Card>(item);
        else if (name === 'head') head = doc<Head>(item);
        else if (name === 'evidence') parts.evidence.push(doc<Evidence>(item));
        else if (name === 'extension') parts.extension.push(doc<Extension>(item));
        else if (name === 'occurrence') parts.occurrence.push(doc<Occurrence>(item));
      }
    if (!card || !head) return null;
    return {
      card,
      head,
      evidence: parts.evidence,
      extensions: parts.extension,
      occurrences: parts.occurrence,
    };
  }

  return store;
}

/** The items that a change from `before` to `after` writes, the head first. */
export function stateItems(before: Commitment | null, after: Commitment): Item[] {
  const { id, responseId } = after.card;
  const item = (sk: string, value: unknown, extra: Item = {}): Item => {
    const index = inResponse(responseId, id, sk);
    return {
      pk: { S: id },
      sk: { S: sk },
      gpk: { S: index.gpk },
      gsk: { S: index.gsk },
      doc: { S: JSON.stringify(value) },
      ...extra,
    };
  };
  const unindexed = (sk: string, value: unknown): Item => ({
    pk: { S: id },
    sk: { S: sk },
    doc: { S: JSON.stringify(value) },
  });
  const changed = <T extends { n: number }>(part: Part, old: T[] | undefined, now: T[]): Item[] =>
    now.filter((value) => !old?.includes(value)).map((value) => unindexed(partSk(part, value.n), value));
  return [
    item(HEAD, after.head, { version: { N: String(after.head.version) } }),
    ...(before ? [] : [item(CARD, after.card)]),
    ...changed('evidence', before?.evidence, after.evidence),
    ...changed('extension', before?.extensions, after.extensions),
    ...changed('occurrence', before?.occurrences, after.occurrences),
  ];
}

export const doc = <T>(item: Record<string, { S?: string | undefined }> | Attributes): T =>
  JSON.parse((item['doc'] as { S: string }).S) as T;

const hasParts = ({ evidence, extensions, occurrences }: Head): boolean =>
  evidence + extensions + occurrences > 0;

/** BatchGetItem takes 100 keys a call and may leave some unprocessed when throttled or past 16 MB. */
export async function batchGet(client: DynamoDBClient, table: string, keys: Key[]): Promise<Attributes[]> {
  const items: Attributes[] = [];
  let waiting = keys.map(({ pk, sk }) => ({ pk: { S: pk }, sk: { S: sk } }) as Attributes);
  while (waiting.length > 0) {
    const now = waiting.slice(0, 100);
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: now, ConsistentRead: true } } }),
    );
    items.push(...(Responses?.[table] ?? []));
    waiting = [...(UnprocessedKeys?.[table]?.Keys ?? []), ...waiting.slice(100)];
  }
  return items;
}
