export interface Command {
  path: string;
  key: string;
  body: object;
}

/** A row of a list, as far as it is read here. */
export interface Listed {
  id: string;
  reference: string;
}

export interface Connection {
  post(command: Command): Promise<Record<string, unknown>>;
  all(path: string): Promise<Listed[]>;
}

/** The system's own HTTP API, spoken as any client would. Throws with the problem's words when it is refused. */
export function connect(url: string, token: string): Connection {
  async function call(path: string, request?: RequestInit): Promise<unknown> {
    const answer = await fetch(new URL(path, url), request);
    if (answer.ok) return answer.json();
    throw new Error(`${request?.method ?? 'GET'} ${path} answered ${answer.status}: ${await answer.text()}`);
  }

  return {
    async post({ path, key, body }) {
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      };
      return (await call(path, { method: 'POST', headers, body: JSON.stringify(body) })) as Record<
        string,
        unknown
      >;
    },
    async all(path) {
      const found: Listed[] = [];
      let next: string | null = path;
      while (next !== null) {
        const page = (await call(next)) as { data: Listed[]; next_cursor: string | null };
        found.push(...page.data);
        next = page.next_cursor === null ? null : withCursor(path, page.next_cursor);
      }
      return found;
    },
  };
}

const withCursor = (path: string, cursor: string) =>
  `${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`;
