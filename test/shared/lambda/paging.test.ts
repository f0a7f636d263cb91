import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Call } from '../../../shared/lambda/http.ts';
import {
  decodeCursor,
  encodeCursor,
  listAnswer,
  page,
  readPaging,
  readPagingAlone,
} from '../../../shared/lambda/paging.ts';

const CALL = { path: '/v1/commitments', query: {} } as unknown as Call;

describe('paging', () => {
  it('begins with the first fifty', () => {
    expect(readPaging({})).toEqual({ limit: 50, after: null });
    expect(readPaging({ limit: '200' })).toEqual({ limit: 200, after: null });
  });

  it.each(['0', '201', '-1', '1.5', '1e2', '', ' 5', 'all', '٥'])('takes no limit of %j', (limit) => {
    expect(readPaging({ limit })).toMatchObject({ errors: [{ pointer: '/limit' }] });
  });

  it.each(['', '0', '!', 'null', 'MQ', 'a'.repeat(1001), Buffer.from('2 key').toString('base64url')])(
    'takes no cursor of %j',
    (cursor) => {
      expect(readPaging({ cursor })).toMatchObject({ errors: [{ pointer: '/cursor' }] });
    },
  );

  it.each([{ colour: 'blue' }, { cursor: encodeCursor('of another list') }, { cursor: '!' }, { limit: '0' }])(
    'takes no %j where a list has nothing to filter by',
    (query) => {
      const [name] = Object.keys(query);
      const read = readPagingAlone(query as Record<string, string>, (after) => after === 'own');
      expect(read).toMatchObject({ errors: [{ pointer: `/${name}` }] });
      expect(readPagingAlone({ cursor: encodeCursor('own') }, (after) => after === 'own')).toEqual({
        limit: 50,
        after: 'own',
      });
    },
  );

  it('gives cursors that come back', () => {
    const key = fc.string({ unit: 'grapheme', maxLength: 100 });
    fc.assert(fc.property(key, (text) => decodeCursor(encodeCursor(text)) === text));
  });

  it('reads every row once, in order, whatever the limit, and ends with null', () => {
    const keys = fc
      .uniqueArray(fc.stringMatching(/^[a-z#]{1,6}$/), { maxLength: 40 })
      .map((all) => all.sort());
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 45 }), (sorted, limit) => {
        const seen: string[] = [];
        let query: Record<string, string> = { limit: String(limit) };
        for (let turns = 0; turns <= sorted.length; turns += 1) {
          const paging = readPaging(query);
          if ('errors' in paging) throw new Error('a cursor of its own');
          const { rows, answer } = page(sorted, paging, (row) => row);
          const { data, next_cursor } = answer(CALL, rows).body as { data: string[]; next_cursor: string };
          seen.push(...data);
          if (next_cursor === null) break;
          query = { ...query, cursor: next_cursor };
        }
        expect(seen).toEqual(sorted);
      }),
    );
  });

  it('ends a page before what Lambda can not give back, and shows the rest on the next', () => {
    const rows = Array.from({ length: 8 }, (_, n) => `${n}${'"'.repeat(400_000)}`);
    const first = page(rows, { limit: 200, after: null }, ([n = '']) => n);
    const { data, next_cursor } = first.answer(CALL, first.rows).body as {
      data: string[];
      next_cursor: string;
    };
    expect([data.length, decodeCursor(next_cursor)]).toEqual([3, '2']);
    const one = page(['x'.repeat(7_000_000)], { limit: 1, after: null }, () => 'x');
    expect(one.answer(CALL, one.rows).body).toMatchObject({ data: [expect.anything()], next_cursor: null });
  });

  it('links to the next page with the same filters', () => {
    const call = { path: '/v1/commitments', query: { q: 'a&b ü', cursor: 'old' } } as unknown as Call;
    const { headers, body } = listAnswer(call, [1], 'new');
    const url = new URL(/^<(.*)>; rel="next"$/.exec(headers?.['link'] ?? '')?.[1] ?? '', 'http://x.test');
    expect([url.pathname, Object.fromEntries(url.searchParams)]).toEqual([
      '/v1/commitments',
      { q: 'a&b ü', cursor: 'new' },
    ]);
    expect(body).toEqual({ data: [1], next_cursor: 'new' });
    expect(listAnswer(call, [], null)).toMatchObject({ body: { data: [], next_cursor: null } });
    expect(listAnswer(call, [], null).headers).not.toHaveProperty('link');
  });
});
