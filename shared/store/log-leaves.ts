import { type AttributeValue, type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { Columns } from '../trail/columns.ts';
import { type Conditions, holds, type Order } from '../trail/query.ts';
import { blockOf, entryKeyOf, indexText, type Key } from './keys.ts';
import { answersAll, blocksOf, type Range, type Way, waysTo } from './log-plan.ts';

/** The place of an entry in the log: its index, its leaf hash (32 bytes), and the columns by which it is found. */
export interface Leaf {
  index: number;
  /** Of the entry. */
  key: Key;
  leaf: Uint8Array;
  columns: Columns;
}

export interface LeafPage {
  leaves: Leaf[];
  /** Where the next page begins: after this index, in the order that was asked. Null at the end. A page may be short before that. */
  next: number | null;
}

export interface Leaves {
  /** Undefined where the log has no item at this index. */
  one(index: number): Promise<Leaf | undefined>;
  page(conditions: Conditions, range: Range, order: Order, limit: number): Promise<LeafPage>;
  count(conditions: Conditions, range: Range): Promise<number>;
}

/** As many items of an index as are looked at to tell which of two is the shorter. */
const PROBE = 200;
/** A query reads at most 1 MB, some 2,000 of these items. */
const CHUNK = 1000;
/** Parts of the log that are counted side by side. */
const PARTS = 4;

/**
 * The leaves of the log, found by the indexes over its items: never by a scan.
 * @param lookAt leaves that one page may pass by before it answers what it has found.
 */
export function leaves(client: DynamoDBClient, table: string, lookAt = 4000): Leaves {
  const query = (reading: Reading, { lo, hi }: Range, order: Order, more: object) =>
    client.send(
      new QueryCommand({
        TableName: table,
        IndexName: reading.index,
        KeyConditionExpression: '#p = :p AND #i BETWEEN :lo AND :hi',
        ExpressionAttributeNames: { '#p': reading.attribute, '#i': 'index' },
        ExpressionAttributeValues: {
          ':p': { S: reading.value },
          ':lo': { S: indexText(lo) },
          ':hi': { S: indexText(hi - 1) },
        },
        ScanIndexForward: order === 'asc',
        ...more,
      }),
    );

  const countOf = async (reading: Reading, range: Range, limit?: number): Promise<number> => {
    let count = 0;
    let start: Record<string, AttributeValue> | undefined;
    do {
      const { Count = 0, LastEvaluatedKey } = await query(reading, range, 'asc', {
        Select: 'COUNT',
        ...(limit !== undefined && { Limit: limit }),
        ...(start && { ExclusiveStartKey: start }),
      });
      count += Count;
      start = LastEvaluatedKey;
    } while (start && (limit === undefined || count < limit));
    return count;
  };

  /** The shortest way; null where the log itself has to be walked. */
  async function shortest(ways: readonly Way[], range: Range): Promise<Way | null> {
    if (ways.length < 2) return ways[0] ?? null;
    const lengths = await Promise.all(
      ways.map(async (way) => {
        const counts = await Promise.all(
          readingsOf(way, range).map((part) => countOf(part, part.range, PROBE)),
        );
        return counts.reduce((sum, count) => sum + count, 0);
      }),
    );
    return ways[lengths.indexOf(Math.min(...lengths))] ?? null;
  }

  /** The items of some readings, one after the other, from where the last chunk ended. */
  function source(readings: readonly Reading[], order: Order, first: number) {
    let chunk = first;
    const rest = [...(order === 'asc' ? readings : readings.toReversed())];
    let buffer: Leaf[] = [];
    return {
      /** The next leaf, once `fill` was awaited; undefined at the end. */
      head: () => buffer[0],
      take: () => buffer.shift(),
      async fill(): Promise<void> {
        while (buffer.length === 0) {
          const [reading] = rest;
          if (!reading) return;
          const { Items = [], LastEvaluatedKey } = await query(reading, reading.range, order, {
            Limit: chunk,
          });
          buffer = Items.map(leafOf);
          // Where much is passed by, more is read at once.
          chunk = Math.min(CHUNK, 2 * chunk);
          const last = buffer.at(-1);
          const range = last && LastEvaluatedKey && beyond(reading.range, last.index, order);
          if (range && range.lo < range.hi) rest[0] = { ...reading, range };
          else rest.shift();
        }
      },
    };
  }

  return {
    async one(index) {
      const [reading] = readingsOf(null, { lo: index, hi: index + 1 });
      const { Items = [] } = reading ? await query(reading, reading.range, 'asc', { Limit: 1 }) : {};
      return Items[0] && leafOf(Items[0]);
    },

    async page(conditions, range, order, limit) {
      const ways = waysTo(conditions);
      if (!ways || range.lo >= range.hi) return { leaves: [], next: null };
      const way = await shortest(ways, range);
      const readings = readingsOf(way, range);
      // One more than asked tells whether there is a next page.
      const chunk = Math.min(limit + 1, CHUNK);
      const sources = way
        ? readings.map((reading) => source([reading], order, chunk))
        : [source(readings, order, chunk)];
      const found: Leaf[] = [];
      let last: number | null = null;
      for (let passed = 0; found.length <= limit; ) {
        if (passed >= lookAt) return { leaves: found, next: last };
        await Promise.all(sources.filter((each) => !each.head()).map((each) => each.fill()));
        const leaf = nearest(sources, order)?.take();
        if (!leaf) return { leaves: found, next: null };
        last = leaf.index;
        if (holds(conditions, leaf.columns)) found.push(leaf);
        else passed += 1;
      }
      return { leaves: found.slice(0, limit), next: found[limit - 1]?.index ?? null };
    },

    async count(conditions, range) {
      const ways = waysTo(conditions);
      if (!ways || range.lo >= range.hi) return 0;
      const way = await shortest(ways, range);
      const exact = answersAll(conditions, way);
      // Places in the log have no gaps.
      if (!way && exact) return range.hi - range.lo;
      const counts = await Promise.all(
        partsOf(range)
          .flatMap((part) => readingsOf(way, part))
          .map((reading) => (exact ? countOf(reading, reading.range) : countMatching(conditions, reading))),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    },
  };

  async function countMatching(conditions: Conditions, reading: Reading): Promise<number> {
    let count = 0;
    let { range } = reading;
    while (range.lo < range.hi) {
      const { Items = [] } = await query(reading, range, 'asc', {
        ProjectionExpression: ['#i', ...NAMES.map((name) => `#${name}`)].join(),
        ExpressionAttributeNames: {
          '#p': reading.attribute,
          '#i': 'index',
          ...Object.fromEntries(NAMES.map((name) => [`#${name}`, name])),
        },
      });
      const last = Items.at(-1);
      if (!last) break;
      count += Items.filter((item) => holds(conditions, columnsIn(item))).length;
      range = beyond(range, Number(last['index']?.S), 'asc');
    }
    return count;
  }
}

interface Reading {
  index: string;
  attribute: string;
  value: string;
  range: Range;
}

function readingsOf(way: Way | null, range: Range): Reading[] {
  if (way) return way.values.map((value) => ({ index: way.index, attribute: way.attribute, value, range }));
  return blocksOf(range).map(({ range: within }) => ({
    index: 'byIndex',
    attribute: 'block',
    value: blockOf(within.lo),
    range: within,
  }));
}

function partsOf({ lo, hi }: Range): Range[] {
  const step = Math.max(CHUNK, Math.ceil((hi - lo) / PARTS));
  const parts = [];
  for (let at = lo; at < hi; at += step) parts.push({ lo: at, hi: Math.min(hi, at + step) });
  return parts;
}

/** What is left of a range behind an index. */
export const beyond = ({ lo, hi }: Range, index: number, order: Order): Range =>
  order === 'asc' ? { lo: Math.max(lo, index + 1), hi } : { lo, hi: Math.min(hi, index) };

/** The source whose next leaf comes first. */
function nearest<T extends { head(): Leaf | undefined }>(sources: readonly T[], order: Order): T | undefined {
  const sign = order === 'asc' ? 1 : -1;
  let first: T | undefined;
  for (const source of sources) {
    const [head, least] = [source.head(), first?.head()];
    if (head && (!least || sign * (head.index - least.index) < 0)) first = source;
  }
  return first;
}

const leafOf = (item: Record<string, AttributeValue>): Leaf => ({
  index: Number(item['index']?.S),
  key: entryKeyOf({ pk: item['pk']?.S ?? '', sk: item['sk']?.S ?? '' }),
  leaf: item['leaf']?.B ?? new Uint8Array(),
  columns: columnsIn(item),
});

const NAMES = ['target', 'actor', 'action', 'exception', 'code', 'claimedAt', 'recordedAt'] as const;
const OPTIONAL = ['exception', 'code', 'late'] as const;

function columnsIn(item: Record<string, AttributeValue>): Columns {
  const text = (name: string) => item[name]?.S ?? '';
  return {
    target: text('target'),
    actor: text('actor'),
    action: text('action'),
    claimedAt: text('claimedAt'),
    recordedAt: text('recordedAt'),
    ...Object.fromEntries(OPTIONAL.flatMap((name) => (item[name] ? [[name, text(name)]] : []))),
  };
}
