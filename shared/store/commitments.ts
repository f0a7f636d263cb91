import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  paginateQuery,
} from '@aws-sdk/client-dynamodb';
import type { Commitment, Evidence, Extension, Head, Occurrence } from '../commitment/state.ts';
import { CARD, HEAD, inResponse, type Key, type Part, partSk } from './keys.ts';
import { restore, type StoredCard, type StoredHead, storeCard, storeHead } from './stored-state.ts';
import type { Item } from './transaction.ts';

type Attributes = Record<string, AttributeValue>;

/** A state as it stands, read consistently, beside one more item that was asked for in the same call. */
export interface Loaded {
  state: Commitment | null;
  /** The hash of the last event record, hexadecimal: the next record links to it. */
  hash: string | null;
  beside: Attributes | null;
}

/** What every list needs of a commitment. */
export type Brief = Pick<Commitment, 'card' | 'head'>;

export interface Commitments {
  /** One commitment, read consistently; `beside` reads one more item of the table in the same round trip. */
  load(id: string, beside?: Key): Promise<Loaded>;
  /** All commitments of a response, from its index (eventually consistent), without their lists of evidence, extensions, occurrences. */
  ofResponse(responseId: string): Promise<Brief[]>;
  /** The same commitments with their lists of evidence, extensions and occurrences. */
  complete(briefs: readonly Brief[]): Promise<Commitment[]>;
  /** Card and head of those that exist, read consistently. */
  briefs(ids: readonly string[]): Promise<Map<string, Brief>>;
}

export function commitments(client: DynamoDBClient, table: string): Commitments {
  const store: Commitments = {
    async load(id, beside) {
      const keys: Key[] = [{ pk: id, sk: HEAD }, { pk: id, sk: CARD }, ...(beside ? [beside] : [])];
      const items = await batchGet(client, table, keys);
      const brief = briefsIn(items).get(id);
      const other =
        beside && items.find((item) => item['pk']?.S === beside.pk && item['sk']?.S === beside.sk);
      if (!brief) return { state: null, hash: null, beside: other ?? null };
      const head = items.find((item) => item['sk']?.S === HEAD);
      const state = hasParts(brief.head) ? await withParts(brief) : { ...brief, ...NO_PARTS };
      return { state, hash: Buffer.from(head?.['hash']?.B ?? []).toString('hex'), beside: other ?? null };
    },

    async ofResponse(responseId) {
      const items: Attributes[] = [];
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          IndexName: 'byResponse',
          KeyConditionExpression: 'gpk = :response',
          ExpressionAttributeValues: { ':response': { S: responseId } },
        },
      );
      for await (const { Items = [] } of pages) items.push(...Items);
      return [...briefsIn(items).values()];
    },

    complete: (briefs) =>
      Promise.all(
        briefs.map((brief) => (hasParts(brief.head) ? withParts(brief) : { ...brief, ...NO_PARTS })),
      ),

    async briefs(ids) {
      const keys = [...new Set(ids)].flatMap((id) => [
        { pk: id, sk: HEAD },
        { pk: id, sk: CARD },
      ]);
      return briefsIn(await batchGet(client, table, keys));
    },
  };

  /** Reads the parts up to the counts that the head knows: what a later command added is not of this version. */
  async function withParts({ card, head }: Brief): Promise<Commitment> {
    const evidence: Evidence[] = [];
    const extensions: Extension[] = [];
    const occurrences: Occurrence[] = [];
    const pages = paginateQuery(
      { client },
      {
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :id AND sk BETWEEN :first AND :last',
        ExpressionAttributeValues: {
          ':id': { S: card.id },
          ':first': { S: partSk('evidence', 1) },
          ':last': { S: partSk('occurrence', 9999) },
        },
      },
    );
    for await (const { Items = [] } of pages)
      for (const item of Items) {
        const part = item['sk']?.S?.split('#')[1];
        if (part === 'evidence') evidence.push(doc<Evidence>(item));
        else if (part === 'extension') extensions.push(doc<Extension>(item));
        else if (part === 'occurrence') occurrences.push(doc<Occurrence>(item));
      }
    return {
      card,
      head,
      evidence: evidence.slice(0, head.evidence),
      extensions: extensions.slice(0, head.extensions),
      occurrences: occurrences.slice(0, head.occurrences),
    };
  }

  return store;
}

/** The items that a change from `before` to `after` writes, the head first. `hash` is that of the last event record. */
export function stateItems(before: Commitment | null, after: Commitment, hash: string): Item[] {
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
  const changed = <T extends { n: number }>(part: Part, old: T[] | undefined, now: T[]): Item[] => {
    const standing = new Set(old);
    return now
      .filter((value) => !standing.has(value))
      .map((value) => unindexed(partSk(part, value.n), value));
  };
  return [
    item(HEAD, storeHead(after.head), {
      version: { N: String(after.head.version) },
      hash: { B: Buffer.from(hash, 'hex') },
    }),
    ...(before ? [] : [item(CARD, storeCard(after))]),
    ...changed('evidence', before?.evidence, after.evidence),
    ...changed('extension', before?.extensions, after.extensions),
    ...changed('occurrence', before?.occurrences, after.occurrences),
  ];
}

export const doc = <T>(item: Record<string, { S?: string | undefined }> | Attributes): T =>
  JSON.parse((item['doc'] as { S: string }).S) as T;

/** Pairs the cards and heads among the items; an item without its other half is left out. */
function briefsIn(items: readonly Attributes[]): Map<string, Brief> {
  const cards = new Map<string, StoredCard>();
  const heads = new Map<string, StoredHead>();
  for (const item of items) {
    const id = item['pk']?.S ?? '';
    if (item['sk']?.S === CARD) cards.set(id, doc<StoredCard>(item));
    else if (item['sk']?.S === HEAD) heads.set(id, doc<StoredHead>(item));
  }
  const found = new Map<string, Brief>();
  for (const [id, card] of cards) {
    const head = heads.get(id);
    if (head) found.set(id, restore(card, head));
  }
  return found;
}

const NO_PARTS = { evidence: [], extensions: [], occurrences: [] };

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
