import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listCheckpoints, serveCheckpoint } from '../../../../functions/audit/serve/serve-checkpoints.ts';
import { serveKey, servePolicy } from '../../../../functions/audit/serve/serve-key.ts';
import { serveEntries, serveTile } from '../../../../functions/audit/serve/serve-tiles.ts';
import { logWitnesses } from '../../../../shared/store/log-witnesses.ts';
import { decodeBundle } from '../../../../shared/tlog/bundle.ts';
import { openCheckpoint } from '../../../../shared/tlog/checkpoint.ts';
import { HASH_BYTES, leafHash } from '../../../../shared/tlog/merkle.ts';
import { parsePolicy } from '../../../../shared/tlog/policy.ts';
import { parseVerifierKey } from '../../../../shared/tlog/verifier-key.ts';
import { callOf } from '../../../kit/call.ts';
import { entriesOf, ORIGIN, startWorld, type World } from '../sequence/log-world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const at = (path: string) => callOf('/v1/audit/tile', { params: { path } });
const tile = (path: string) => serveTile(world.objects)(at(path));
const bundle = (path: string) => serveEntries(world.objects)(at(path));
const checkpoint = () => serveCheckpoint({ head: world.desk().head, objects: world.objects })();
const list = (query: string) =>
  listCheckpoints(world.desk().batches)(callOf(`/v1/audit/checkpoints${query}`));

it('says that the log is empty, before anything is in it', async () => {
  expect(await checkpoint()).toMatchObject({
    status: 404,
    body: { code: 'not-found', detail: expect.stringMatching('nothing was sequenced') },
  });
  expect(await list('')).toMatchObject({ status: 200, body: { data: [], next_cursor: null } });
  expect(await tile('0/000')).toMatchObject({ status: 404 });
});

describe('a log of 300', () => {
  const sizes = [1, 2, 300];
  beforeAll(async () => {
    for (const [n, count] of [1, 1, 298].entries()) {
      for (const entry of entriesOf(`cmt_${n}`, count)) await world.take(entry);
      await world.all();
    }
  }, 60_000);

  it('shows its newest checkpoint, which opens with its key', async () => {
    const key = parseVerifierKey(String((await serveKey({ origin: ORIGIN, signer: world.signer })()).body));
    if (!key.ok) throw new Error(key.reason);
    const { status, body, headers } = await checkpoint();
    expect([status, headers?.['content-type']]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(openCheckpoint(String(body), key.key)).toMatchObject({
      ok: true,
      checkpoint: { size: 300, origin: ORIGIN },
    });
  });

  it('lists all its checkpoints, page by page', async () => {
    const seen: unknown[] = [];
    for (let query = '?limit=2'; ; ) {
      const { body } = (await list(query)) as {
        body: { data: { size: number }[]; next_cursor: string | null };
      };
      seen.push(...body.data.map(({ size }) => size));
      if (body.next_cursor === null) break;
      query = `?limit=2&cursor=${body.next_cursor}`;
    }
    expect(seen).toEqual(sizes);
    expect(await list('?size=3')).toMatchObject({ status: 400, body: { code: 'malformed-query' } });
    expect(await list('?cursor=MSB4')).toMatchObject({ status: 400 });
  });

  it('serves tiles and bundles by their paths, for ever', async () => {
    const first = await tile('0/000');
    const second = await tile('0/001.p/44');
    expect(first.headers?.['cache-control']).toBe('public, max-age=31536000, immutable');
    expect((first.body as Uint8Array).length + (second.body as Uint8Array).length).toBe(300 * HASH_BYTES);
    expect((await tile('1/000.p/1')).status).toBe(200);
    const entries = await bundle('001.p/44');
    expect(entries.headers?.['cache-control']).toMatch(/^private/);
    const decoded = decodeBundle(entries.body as Uint8Array, 44);
    if (!decoded.ok) throw new Error(decoded.reason);
    const [leaf] = decoded.entries;
    expect(
      Buffer.from((second.body as Uint8Array).subarray(0, HASH_BYTES)).equals(
        leafHash(leaf ?? Buffer.alloc(0)),
      ),
    ).toBe(true);
  });

  it.each([
    '0/000.p/256',
    '0/0',
    '0/000.p/7',
    '9/000',
    '-1/000',
    '0/002',
    'entries/000',
    '../checkpoints/0000000000000300',
    '',
  ])('has no tile at %s', async (path) => {
    expect(await tile(path)).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it('shows no tile where bundles are, and no bundle where tiles are', async () => {
    expect(await tile('entries/000')).toMatchObject({ status: 404 });
    expect(await bundle('../0/000')).toMatchObject({ status: 404 });
    expect(await bundle('000')).toMatchObject({ status: 200 });
  });

  it('names a policy without witnesses where there are none', async () => {
    const witnesses = logWitnesses(world.mine.client, world.mine.tables.log);
    const { body } = await servePolicy({ origin: ORIGIN, signer: world.signer }, [], witnesses)();
    expect(parsePolicy(String(body))).toMatchObject({
      ok: true,
      policy: { quorum: 'none', logs: [{ key: { name: ORIGIN } }] },
    });
  });
});
