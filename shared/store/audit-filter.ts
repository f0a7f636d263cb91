import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Outcome } from '../trail/entry.ts';

/** Which entries: all that is set has to hold. `from` is inclusive and `to` exclusive, on `recordedAt`. */
export interface AuditFilter {
  target?: string;
  actor?: string;
  action?: string;
  outcome?: Outcome;
  from?: string;
  to?: string;
}

export type Order = 'asc' | 'desc';

/** The first year in which anything can have been recorded. */
const FIRST_YEAR = 2026;

/** One partition of one index, and the filters that the index does not answer. */
export interface Partition {
  index: string;
  attribute: string;
  value: string;
  filters: [string, string][];
}

/** The most telling filter picks the index; without one, the years are walked. */
export function partitions(
  filter: AuditFilter,
  order: Order,
  after: string | null,
  now: string,
): Partition[] {
  const { target, actor, action, outcome, from, to } = filter;
  // DynamoDB refuses a range whose end is before its start.
  if (from !== undefined && to !== undefined && from >= to) return [];
  const exception = outcome === 'success' ? undefined : outcome;
  const named: [string, string, string | undefined][] = [
    ['byTarget', 'target', target],
    ['byActor', 'actor', actor],
    ['byException', 'exception', exception],
    ['byAction', 'action', action],
  ];
  const given = named.flatMap(([index, attribute, value]) =>
    value === undefined ? [] : [{ index, attribute, value }],
  );
  const succeeded: [string, string][] = outcome === 'success' ? [['exception', '']] : [];
  const [first, ...rest] = given;
  if (first)
    return [
      {
        ...first,
        filters: [...rest.map(({ attribute, value }): [string, string] => [attribute, value]), ...succeeded],
      },
    ];
  const yearOf = (time: string): number => Number(time.slice(0, 4));
  let oldest = Math.max(FIRST_YEAR, yearOf(from ?? '0'));
  // A clock may run ahead into the next year.
  let newest = Math.min(yearOf(now) + 1, yearOf(to ?? '9999'));
  if (after !== null && order === 'asc') oldest = yearOf(after);
  if (after !== null && order === 'desc') newest = yearOf(after);
  const years = Array.from({ length: Math.max(0, newest - oldest + 1) }, (_, n) =>
    String(order === 'asc' ? oldest + n : newest - n),
  );
  return years.map((value) => ({ index: 'byTime', attribute: 'year', value, filters: succeeded }));
}

export function expression({ from, to }: AuditFilter, { index, attribute, value, filters }: Partition) {
  const names: Record<string, string> = { '#p': attribute, '#at': 'at' };
  // Every sort key is longer than the time it begins with, so none equals a bound: `to` is exclusive.
  const values: Record<string, AttributeValue> = {
    ':p': { S: value },
    ':from': { S: from ?? '0' },
    ':to': { S: to ?? '9' },
  };
  const conditions = filters.map(([name, wanted], n) => {
    names[`#f${n}`] = name;
    if (wanted === '') return `attribute_not_exists(#f${n})`;
    values[`:f${n}`] = { S: wanted };
    return `#f${n} = :f${n}`;
  });
  return {
    IndexName: index,
    KeyConditionExpression: '#p = :p AND #at BETWEEN :from AND :to',
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
    ...(conditions.length > 0 && { FilterExpression: conditions.join(' AND ') }),
  };
}

/** A sort key of the indexes names the item's own key too: `<recordedAt>#<pk>#<sk>`. */
export function startKey({ attribute, value }: Partition, at: string): Record<string, AttributeValue> {
  const [, pk = '', ...sk] = at.split('#');
  return { at: { S: at }, pk: { S: pk }, sk: { S: sk.join('#') }, [attribute]: { S: value } };
}

/** Whether a text can be a place after which a page of this filter begins. */
export function isPlace(at: string, { from, to }: AuditFilter): boolean {
  return PLACE.test(at) && (from === undefined || at >= from) && (to === undefined || at < to);
}
const PLACE = /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#[^#]{1,200}#A#\d{10}(#[^\s]{1,100})?$/;
