import type { FieldError } from '../../../shared/commitment/rejection.ts';
import { readTime } from '../../../shared/commitment/time.ts';
import { encodeCursor, PAGING, readPaging } from '../../../shared/lambda/paging.ts';
import { canonical, sha256 } from '../../../shared/record/canonical.ts';
import { isPlace } from '../../../shared/store/keys.ts';
import { parseQuery, QUERY_PARAMETERS, type TrailQuery } from '../../../shared/trail/query.ts';
import type { Mark, View } from './view.ts';

/** What a list of entries is asked for. The query's `actor` is a subject or a pseudonym, as it was given. */
export interface Asked {
  query: TrailQuery;
  /** The size of the checkpoint at which it is asked; undefined for the newest and what waits behind it. */
  checkpoint: number | undefined;
  /** Whether only the number of entries is wanted. */
  count: boolean;
  limit: number;
  cursor: string | null;
}

const OWN = ['checkpoint', 'count'] as const;
const KNOWN: readonly string[] = [...QUERY_PARAMETERS, ...PAGING, ...OWN];

export function readAsked(parameters: Record<string, string>): Asked | { errors: FieldError[] } {
  const errors: FieldError[] = [];
  const wrong = (name: string, detail: string) =>
    errors.push({ pointer: `/${name}`, code: 'invalid-parameter', detail });
  const filters: [string, string][] = [];
  for (const [name, value] of Object.entries(parameters))
    if (!KNOWN.includes(name) || QUERY_PARAMETERS.includes(name)) filters.push([name, value]);
  const read = parseQuery(Object.fromEntries(filters));
  if ('errors' in read) errors.push(...read.errors);
  const paging = readPaging(parameters);
  if ('errors' in paging) errors.push(...paging.errors);
  const { checkpoint, count } = parameters;
  if (checkpoint !== undefined && !/^(0|[1-9]\d{0,14})$/.test(checkpoint))
    wrong('checkpoint', 'has to be the size of a checkpoint');
  if (count !== undefined && count !== 'true' && count !== 'false') wrong('count', 'has to be true or false');
  if ('errors' in read || 'errors' in paging || errors.length > 0) return { errors };
  return {
    query: read.query,
    checkpoint: checkpoint === undefined ? undefined : Number(checkpoint),
    count: count === 'true',
    limit: paging.limit,
    cursor: paging.after,
  };
}

const digest = (query: TrailQuery, rest: string): string => sha256(canonical([query, rest])).slice(0, 16);

/** A cursor belongs to its query: with another it would leave entries out, so it is refused there. It keeps the view. */
export function cursorAt(query: TrailQuery, { size, until }: View, mark: Mark): string {
  const rest = [size, until ?? '-', 'index' in mark ? mark.index : `#${mark.place}`].join(' ');
  return encodeCursor(`${digest(query, rest)} ${rest}`);
}

/** The view and the mark of a cursor; undefined where it is not one of this query. */
export function readCursor(query: TrailQuery, cursor: string): { view: View; mark: Mark } | undefined {
  const rest = cursor.slice(17);
  const parts = CURSOR.exec(rest)?.groups;
  if (!parts || cursor !== `${digest(query, rest)} ${rest}`) return undefined;
  const { size, until = '-', index, place } = parts;
  if ((until !== '-' && readTime(until) !== until) || (place !== undefined && !isPlace(place)))
    return undefined;
  return {
    view: { size: Number(size), until: until === '-' ? null : until },
    mark: place === undefined ? { index: Number(index) } : { place },
  };
}

const CURSOR = /^(?<size>\d{1,16}) (?<until>\S{1,24}) (?:(?<index>\d{1,16})|#(?<place>\S{1,500}))$/;
