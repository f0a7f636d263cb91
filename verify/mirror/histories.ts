import type { Client } from './http.ts';
import { jsonIn, line, lists } from './lists.ts';
import { AT_ONCE, inParallel, type Tell } from './parallel.ts';
import type { Target } from './target.ts';

/**
 * The states and records of commitments: of those that the log names, whether the system still shows them or not, and of those that it
 * shows. Each state is read before its records, so that none is newer than they.
 */
export async function histories(
  client: Client,
  target: Target,
  named: Iterable<string>,
  tell: Tell,
): Promise<void> {
  const ids = new Set(named);
  for await (const one of lists(client).all('/v1/commitments')) {
    const { id } = one as { id?: unknown };
    if (typeof id === 'string' && /^cmt_[A-Za-z0-9]{1,64}$/.test(id)) ids.add(id);
  }
  target.append('records.jsonl', '');
  target.append('states.jsonl', '');
  let done = 0;
  await inParallel(ids, AT_ONCE, async (id) => {
    const path = `/v1/commitments/${id}`;
    const state = await client.get(path);
    if (state !== null) target.append('states.jsonl', line(jsonIn(state, path)));
    // All of a stream at once: its records have to stay together in their order.
    const records: string[] = [];
    for await (const shown of lists(client).all(`${path}/history`)) records.push(line(recordOf(shown)));
    target.append('records.jsonl', records.join(''));
    done += 1;
    tell('commitments', done, ids.size);
  });
}

/** A record as it is stored, out of the way in which the API shows it. */
function recordOf(shown: unknown): unknown {
  const { stream, sequence, bytes, hash, texts } = (shown ?? {}) as Record<string, unknown>;
  const pairs = Object.entries((texts ?? {}) as Record<string, { text?: unknown; salt?: unknown } | null>);
  return {
    stream,
    sequence,
    bytes,
    hash,
    texts: Object.fromEntries(pairs.map(([path, text]) => [path, [text?.text, text?.salt]])),
  };
}
