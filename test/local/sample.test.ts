import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { loadSample, waves } from '../../local/sample.ts';
import { registerCommitment, registerResponse } from '../../shared/commitment/schema.ts';

const FOLDER = join(import.meta.dirname, '../../data/iom-mopan-2023');
const rows: { id: string; quote: string; start: number; end: number; dependsOn: string[] }[] = JSON.parse(
  readFileSync(join(FOLDER, 'commitments.json'), 'utf8'),
);

interface Posted {
  path: string;
  key: string;
  body: { reference: string; dependsOn: string[] };
}

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Answers as the API does, checks bodies with its schemas, and refuses everything after `refuseAfter` commands. */
async function fakeApi(refuseAfter = Number.POSITIVE_INFINITY) {
  const answers = new Map<string, { id: string; reference: string; path: string }>();
  const posted: Posted[] = [];
  const state = { refuseAfter };
  const listed = (path: string) => [...answers.values()].filter((one) => one.path === path);
  server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    const answer = (status: number, body: object) => response.writeHead(status).end(JSON.stringify(body));
    if (request.method === 'GET') {
      const from = Number(url.searchParams.get('cursor') ?? 0);
      const all = listed(url.pathname);
      const next = from + 50 < all.length ? String(from + 50) : null;
      return answer(200, { data: all.slice(from, from + 50), next_cursor: next });
    }
    const key = String(request.headers['idempotency-key']);
    const body = JSON.parse(await text(request));
    if (posted.length >= state.refuseAfter) return answer(503, { code: 'unavailable' });
    posted.push({ path: url.pathname, key, body });
    const isResponse = url.pathname === '/v1/responses';
    const parsed = (isResponse ? registerResponse : registerCommitment).safeParse(body);
    if (!parsed.success) return answer(422, parsed.error.issues);
    const id = `${isResponse ? 'rsp' : 'cmt'}_${String(answers.size).padStart(26, '0')}`;
    const known = answers.get(key) ?? { id, reference: body.reference, path: url.pathname };
    answers.set(key, known);
    return answer(201, { [isResponse ? 'response' : 'commitment']: known, events: [] });
  });
  await new Promise<void>((done) => server?.listen(0, '127.0.0.1', done));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  return { url, posted, state, registered: () => listed('/v1/commitments') };
}

test('each of the 85 citations holds in the source text', () => {
  const source = readFileSync(join(FOLDER, 'response.txt'), 'utf8');
  expect(rows).toHaveLength(85);
  for (const { quote, start, end } of rows) expect(source.slice(start, end)).toBe(quote);
});

test('the response and its 85 commitments are valid commands, dependencies first', async () => {
  const api = await fakeApi();
  expect(await loadSample({ url: api.url, token: 'x' })).toBe(85);
  const seen = new Set<string>();
  const registered = api.registered();
  expect(registered.map(({ reference }) => reference).sort()).toEqual(rows.map(({ id }) => id));
  const idOf = new Map(registered.map(({ id, reference }) => [reference, id]));
  for (const { path, body } of api.posted) {
    if (path === '/v1/responses') continue;
    const row = rows.find(({ id }) => id === body.reference);
    expect(body.dependsOn).toEqual(row?.dependsOn.map((reference) => idOf.get(reference)));
    for (const id of body.dependsOn) expect(seen).toContain(id);
    seen.add(String(idOf.get(body.reference)));
  }
});

test('an interrupted load continues, and a complete one posts nothing', async () => {
  const api = await fakeApi(40);
  await expect(loadSample({ url: api.url, token: 'x' })).rejects.toThrow(/answered 503/);
  api.state.refuseAfter = Number.POSITIVE_INFINITY;
  expect(await loadSample({ url: api.url, token: 'x' })).toBe(85);
  expect(api.registered()).toHaveLength(85);
  expect(new Set(api.posted.map(({ key }) => key)).size).toBe(86);
  expect(api.posted).toHaveLength(86);
  expect(await loadSample({ url: api.url, token: 'x' })).toBe(85);
  expect(api.posted).toHaveLength(86);
});

test('waves keep every row once, after what it depends on; a circle is an error', () => {
  const graphs = fc
    .array(fc.array(fc.nat(), { maxLength: 3 }), { maxLength: 20 })
    .map((list) =>
      list.map((picks, n) => ({
        id: String(n),
        dependsOn: n === 0 ? [] : picks.map((pick) => String(pick % n)),
      })),
    )
    .chain((graph) => fc.shuffledSubarray(graph, { minLength: graph.length }));
  fc.assert(
    fc.property(graphs, (graph) => {
      const done = new Set<string>();
      for (const wave of waves(graph)) {
        for (const row of wave) expect(row.dependsOn.every((id) => done.has(id))).toBe(true);
        for (const row of wave) done.add(row.id);
      }
      expect(done.size).toBe(graph.length);
    }),
  );
  const circle = [
    { id: 'a', dependsOn: ['b'] },
    { id: 'b', dependsOn: ['a'] },
  ];
  expect(() => waves(circle)).toThrow(/a, b wait for each other/);
});
