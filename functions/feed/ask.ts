import type { FieldError } from '../../shared/commitment/rejection.ts';
import { decodeCursor, readPaging } from '../../shared/lambda/paging.ts';
import type { FeedFilter } from '../../shared/store/feed.ts';

/** What a reader of the feed asks for. */
export interface Asked {
  /** The position behind which to begin. */
  after: number;
  limit: number;
  filter: FeedFilter;
}

const FILTERS = ['type', 'subject'] as const;

export function readAsked(query: Record<string, string>): Asked | { errors: FieldError[] } {
  // Every other list calls it `cursor`, so that name is taken too.
  const { after, cursor = after, limit, ...rest } = query;
  const filter: FeedFilter = {};
  const errors: FieldError[] = [];
  const wrong = (name: string, detail: string) =>
    errors.push({ pointer: `/${name}`, code: 'invalid-parameter', detail });
  for (const [name, value] of Object.entries(rest)) {
    const field = FILTERS.find((known) => known === name);
    if (!field) wrong(name, 'is not a parameter of this list');
    else if (value === '' || value.length > 200) wrong(name, 'has to have 1 to 200 characters');
    else filter[field] = value;
  }
  const position = cursor === undefined ? '0' : (decodeCursor(cursor) ?? '');
  if (!/^\d{1,15}$/.test(position)) wrong('after', 'is not a cursor that this list gave');
  const paging = readPaging(limit === undefined ? {} : { limit });
  if ('errors' in paging) errors.push(...paging.errors);
  if ('errors' in paging || errors.length > 0) return { errors };
  return { after: Number(position), limit: paging.limit, filter };
}
