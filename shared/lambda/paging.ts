import type { FieldError } from '../commitment/rejection.ts';
import type { Answer, Call } from './http.ts';

/** The query parameters of every list. */
export const PAGING = ['limit', 'cursor'] as const;

export interface Paging {
  /** 1 to 200, by default 50. */
  limit: number;
  /** The sort key after which the page begins. */
  after: string | null;
}

export function readPaging(query: Record<string, string>): Paging | { errors: FieldError[] } {
  const errors: FieldError[] = [];
  const limit = query['limit'] === undefined ? 50 : Number(query['limit']);
  if (!/^\d{1,3}$/.test(query['limit'] ?? '50') || limit < 1 || limit > 200)
    errors.push({ pointer: '/limit', code: 'invalid-parameter', detail: 'has to be a number from 1 to 200' });
  const after = query['cursor'] === undefined ? null : decodeCursor(query['cursor']);
  if (after === undefined)
    errors.push({
      pointer: '/cursor',
      code: 'invalid-parameter',
      detail: 'is not a cursor that this list gave',
    });
  return errors.length > 0 ? { errors } : { limit, after: after ?? null };
}

/** The same of a list that takes no other parameter. `isMark` tells the cursors of this list from those of others. */
export function readPagingAlone(
  query: Record<string, string>,
  isMark: (after: string) => boolean,
): Paging | { errors: FieldError[] } {
  const wrong = (name: string, detail: string): FieldError => ({
    pointer: `/${name}`,
    code: 'invalid-parameter',
    detail,
  });
  const errors = Object.keys(query)
    .filter((name) => !(PAGING as readonly string[]).includes(name))
    .map((name) => wrong(name, 'is not a parameter of this list'));
  const read = readPaging(query);
  if ('errors' in read) errors.push(...read.errors);
  else if (read.after !== null && !isMark(read.after))
    errors.push(wrong('cursor', 'is not a cursor that this list gave'));
  return 'errors' in read || errors.length > 0 ? { errors } : read;
}

/**
 * Cuts the page out of rows that are sorted by their keys. `answer` takes the rows as they are shown, all or only the first of
 * them, and ends the page where an answer is full.
 */
export function page<T>(sorted: readonly T[], { limit, after }: Paging, keyOf: (row: T) => string) {
  const rest = after === null ? sorted : sorted.filter((row) => keyOf(row) > after);
  const rows = rest.slice(0, limit);
  const answer = (call: Call, data: readonly unknown[]): Answer => {
    const shown = fitting(data);
    const last = rows[shown.length - 1];
    const more = shown.length < rest.length && last !== undefined;
    return listAnswer(call, shown, more ? encodeCursor(keyOf(last)) : null);
  };
  return { rows, answer };
}

/** A Lambda function answers at most 6 MB of JSON, in which the body is one string with its quotes escaped. */
export const MAX_ANSWER = 5_000_000;

/** Bytes of a part of an answer. */
export const sizeInAnswer = (part: unknown): number =>
  Buffer.byteLength(JSON.stringify(JSON.stringify(part)));

/** As many of the rows as fit in an answer, one at least. */
export function fitting<T>(rows: readonly T[]): T[] {
  let bytes = 0;
  const full = rows.findIndex((row, index) => {
    bytes += sizeInAnswer(row);
    return bytes > MAX_ANSWER && index > 0;
  });
  return full < 0 ? [...rows] : rows.slice(0, full);
}

/** `{data, next_cursor}`, with a link to the next page. */
export function listAnswer(call: Call, data: unknown[], cursor: string | null): Answer {
  const query = new URLSearchParams({ ...call.query, ...(cursor !== null && { cursor }) });
  return {
    status: 200,
    headers: {
      'cache-control': 'no-cache',
      ...(cursor !== null && { link: `<${call.path}?${query}>; rel="next"` }),
    },
    body: { data, next_cursor: cursor },
  };
}

export const encodeCursor = (key: string): string => Buffer.from(`1 ${key}`).toString('base64url');

/** Undefined for what `encodeCursor` never gave. */
export function decodeCursor(cursor: string): string | undefined {
  const text = /^[A-Za-z0-9_-]{1,1000}$/.test(cursor) ? Buffer.from(cursor, 'base64url').toString() : '';
  return text.startsWith('1 ') ? text.slice(2) : undefined;
}
