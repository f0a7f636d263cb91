import { type Client, NotMirrored } from './http.ts';
import type { Target } from './target.ts';

interface Page {
  data: unknown[];
  next: string | null;
}

/** Reads lists page by page. */
export function lists(client: Client) {
  /** Null where there is no such list. */
  async function page(path: string, cursor: string | null): Promise<Page | null> {
    const query = new URLSearchParams({ limit: '200', ...(cursor !== null && { cursor }) });
    const bytes = await client.get(`${path}?${query}`);
    return bytes === null ? null : pageOf(bytes, path);
  }

  async function* all(path: string): AsyncGenerator<unknown> {
    const seen = new Set<string>();
    for (let cursor: string | null = null; ; ) {
      const read: Page | null = await page(path, cursor);
      if (!read) return;
      yield* read.data;
      if (read.next === null) return;
      if (seen.has(read.next)) throw new NotMirrored(`${path} gives the same page again and again`);
      seen.add(read.next);
      cursor = read.next;
    }
  }

  return {
    all,
    /** Those up to the checkpoint that was fetched: later ones came meanwhile. */
    async checkpoints(target: Target, size: number): Promise<void> {
      for await (const one of all('/v1/audit/checkpoints')) {
        const { size: own } = one as { size?: unknown };
        if (typeof own !== 'number' || own <= size) target.append('checkpoints.jsonl', line(one));
      }
    },
    async rows(target: Target): Promise<void> {
      for await (const row of all('/v1/audit/rows')) target.append('rows.jsonl', line(row));
    },
  };
}

export const line = (value: unknown): string => `${JSON.stringify(value)}\n`;

export function jsonIn(bytes: Uint8Array, path: string): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    throw new NotMirrored(`${path} is not answered with JSON`);
  }
}

function pageOf(bytes: Uint8Array, path: string): Page {
  const read = jsonIn(bytes, path) as { data?: unknown; next_cursor?: unknown } | null;
  const next = read?.next_cursor ?? null;
  if (!Array.isArray(read?.data) || (next !== null && typeof next !== 'string'))
    throw new NotMirrored(`${path} is not answered with a list`);
  return { data: read.data, next };
}
