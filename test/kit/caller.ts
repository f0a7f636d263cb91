import { randomUUID } from 'node:crypto';
import type { Answered, Asked, Json } from './api.ts';

/** Speaks to a running system over HTTP. */
export interface Caller {
  call(route: string, asked?: Asked): Promise<Answered>;
  /** Every row of a list, page by page. */
  all(path: string, asked?: Asked): Promise<Json[]>;
  /** Every event of the feed, in its order. */
  feed(): Promise<Json[]>;
}

export function caller(url: string, tokenOf: (person: string) => Promise<string>): Caller {
  const call = async (
    route: string,
    { as, body, headers = {}, version, key }: Asked = {},
  ): Promise<Answered> => {
    const [method = '', path = ''] = route.split(' ');
    const json = body !== undefined && typeof body !== 'string';
    const sentKey = key === undefined && method === 'POST' ? randomUUID() : key;
    const response = await fetch(new URL(path, url), {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(60_000),
      headers: {
        ...(as && { authorization: `Bearer ${await tokenOf(as)}` }),
        ...(json && { 'content-type': 'application/json' }),
        ...(sentKey && { 'idempotency-key': sentKey }),
        ...(version !== undefined && { 'if-match': `"v${version}"` }),
        ...headers,
      },
      ...(body !== undefined && { body: json ? JSON.stringify(body) : (body as string) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') && text !== '';
    const parsed = (isJson ? JSON.parse(text) : text) as Json;
    return { status: response.status, headers: Object.fromEntries(response.headers), body: parsed };
  };

  const rows = async (path: string, asked?: Asked): Promise<Answered> => {
    const answer = await call(`GET ${path}`, asked);
    if (answer.status !== 200)
      throw new Error(`GET ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer;
  };

  return {
    call,
    async all(path, asked) {
      const found: Json[] = [];
      for (let next: string | undefined = path; next; ) {
        const { body, headers } = await rows(next, asked);
        found.push(...(body['data'] as Json[]));
        next = headers['link']?.match(/<([^>]+)>; rel="next"/)?.[1];
      }
      return found;
    },
    async feed() {
      const found: Json[] = [];
      for (let after = ''; ; ) {
        const { body } = await rows(`/v1/events?limit=200${after && `&after=${encodeURIComponent(after)}`}`);
        const page = body['data'] as Json[];
        if (page.length === 0) return found;
        found.push(...page);
        after = String(body['next_cursor']);
      }
    },
  };
}
