import { describe, expect, it } from 'vitest';
import { type Item, type ItemWrite, unitsOf } from '../../bench/item-writes.ts';
import type { TableDefinition } from '../../shared/store/keys.ts';

const TABLE = {
  env: 'T',
  indexes: {
    all: { partition: 'p', sort: 's' },
    keys: { partition: 'k', sort: 's', projection: 'keys-only' },
  },
} satisfies TableDefinition;

const item = (fields: Record<string, string> = {}): Item =>
  Object.fromEntries(Object.entries({ pk: 'a', sk: 'b', ...fields }).map(([name, S]) => [name, { S }]));
const indexed = (fields: Record<string, string> = {}) => item({ p: '1', s: '1', ...fields });
const units = (before: ItemWrite['before'], after: ItemWrite['after'], transactional = false) =>
  unitsOf({ before, after, transactional }, TABLE);
const long = 'x'.repeat(1500);

describe('what a write costs', () => {
  it('counts the larger of what was there and what is there', () => {
    expect(units(item({ doc: long }), item()).table).toBe(2);
    expect(units(item(), item({ doc: long }), true).table).toBe(4);
  });

  it('counts a unit where nothing is found, as a check of what must not be there does', () => {
    expect(units(null, null, true)).toEqual({ table: 2, indexes: 0 });
  });

  it('leaves an index alone that the item is not in', () => {
    expect(units(null, item({ p: '1' })).indexes).toBe(0);
  });

  it('counts an entry that comes, goes or changes once', () => {
    expect(units(null, indexed()).indexes).toBe(1);
    expect(units(indexed(), null).indexes).toBe(1);
    expect(units(indexed({ doc: 'old' }), indexed({ doc: 'new' })).indexes).toBe(1);
    expect(units(indexed({ doc: 'old' }), indexed({ doc: long })).indexes).toBe(2);
  });

  it('counts an entry twice whose key changes: it is deleted and put', () => {
    expect(units(indexed(), indexed({ s: '2' })).indexes).toBe(2);
  });

  it('leaves an entry alone whose projection stays the same', () => {
    const due = (doc: string) => item({ k: '1', s: '1', doc });
    expect(units(due('old'), due('new')).indexes).toBe(0);
    expect(units(due(long), item({ k: '1', s: '2', doc: long })).indexes).toBe(2);
  });
});
