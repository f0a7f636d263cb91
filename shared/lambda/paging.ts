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

/** Cuts the page out of rows that are sorted by their keys. */
export function page<T>(sorted: readonly T[], { limit, after }: Paging, keyOf: (row: T) => string) {
  const rest = after === null ? sorted : sorted.filter((row) => keyOf(row) > after);
  const rows = rest.slice(0, limit);
  const last = rows.at(-1);
  const cursor = rest.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null;
  return { rows, next: { cursor, answer: (call: Call, data: unknown[]) => listAnswer(call, data, cursor) } };
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
