import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { TableDefinition } from '../shared/store/keys.ts';
import { itemSize, writeUnits } from './item-size.ts';

export type Item = Record<string, AttributeValue>;

/** What one call wrote at one place: what stood there before and after it; null where nothing did. */
export interface ItemWrite {
  before: Item | null;
  after: Item | null;
  transactional: boolean;
}

/** Write units, in the table and in all of its indexes. */
export interface Units {
  table: number;
  indexes: number;
}

/** An item costs by the larger of what it was and what it is; so do the entries that it has in indexes. */
export function unitsOf(write: ItemWrite, { indexes }: TableDefinition): Units {
  const larger = Math.max(sizeOf(write.before), sizeOf(write.after), 1);
  return {
    table: writeUnits(larger, write.transactional),
    indexes: Object.values(indexes).reduce((sum, index) => sum + indexUnits(write, index), 0),
  };
}

type Index = TableDefinition['indexes'][string];

/** An entry that changes its key is deleted and put anew; one whose projection stays the same is left alone. */
function indexUnits({ before, after }: ItemWrite, index: Index): number {
  const was = project(before, index);
  const is = project(after, index);
  const units = (entry: Item | null) => (entry ? writeUnits(itemSize(entry), false) : 0);
  if (!was || !is) return units(was) + units(is);
  const moved = [index.partition, index.sort].some((name) => was[name]?.S !== is[name]?.S);
  if (moved) return units(was) + units(is);
  return same(was, is) ? 0 : Math.max(units(was), units(is));
}

/** What of an item stands in the index; an item without both keys of the index isn't in it. */
function project(item: Item | null, { partition, sort, projection }: Index): Item | null {
  if (!item?.[partition] || !item[sort]) return null;
  if (projection !== 'keys-only') return item;
  const keys = new Set(['pk', 'sk', partition, sort]);
  return Object.fromEntries(Object.entries(item).filter(([name]) => keys.has(name)));
}

const sizeOf = (item: Item | null): number => (item ? itemSize(item) : 0);

function same(a: Item, b: Item): boolean {
  const text = (item: Item) => JSON.stringify(Object.entries(item).sort(([x], [y]) => (x < y ? -1 : 1)));
  return text(a) === text(b);
}
