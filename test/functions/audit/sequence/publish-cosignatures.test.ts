import { randomUUID } from 'node:crypto';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cosigning } from '../../../../functions/audit/sequence/publish-cosignatures.ts';
import { witnessUrls } from '../../../../functions/audit/sequence/publish-witness.ts';
import { servePolicy } from '../../../../functions/audit/serve/serve-key.ts';
import { witnessDoor } from '../../../../functions/witness/door.ts';
import { logWitnesses } from '../../../../shared/store/log-witnesses.ts';
import { witnessStore } from '../../../../shared/store/witness.ts';
import { parsePolicy } from '../../../../shared/tlog/policy.ts';
import { verifyCheckpoint } from '../../../../shared/tlog/proof.ts';
import { logged } from '../../../kit/records.ts';
import { testSigner } from '../../../kit/signer.ts';
import { entriesOf, ORIGIN, startWorld, type World } from './log-world.ts';

/** Reaches witnesses by their addresses; `gone` ones are not there, `other` ones answer something else. */
const net = () => {
  const doors = new Map<string, ReturnType<typeof witnessDoor>>();
  const asked: string[] = [];
  let answer: ((url: string) => Response | undefined) | undefined;
  const get: typeof fetch = async (input, init) => {
    const { origin, pathname } = new URL(String(input));
    asked.push(`${init?.method ?? 'GET'} ${origin}${pathname}`);
    const other = answer?.(String(input));
    if (other) return other;
    const door = doors.get(origin);
    if (!door) throw new TypeError('fetch failed');
    const event = {
      rawPath: pathname,
      headers: init?.headers ?? {},
      body: init?.body,
      requestContext: { requestId: 'r', http: { method: init?.method ?? 'GET' } },
    };
    const result = (await door(event as unknown as LambdaFunctionURLEvent)) as {
      statusCode: number;
      body: string;
    };
    return new Response(result.body, { status: result.statusCode });
  };
  return {
    get,
    asked,
    doors,
    instead: (make: typeof answer) => {
      answer = make;
    },
  };
};

let world: World;
let lines: ReturnType<typeof logged>['lines'];
let web: ReturnType<typeof net>;
const URLS = ['http://w1.test/', 'http://w2.test/'];

beforeEach(async () => {
  web = net();
  const { log, lines: told } = logged();
  lines = told;
  world = await startWorld({
    cosign: (checkpoint, read) =>
      cosigning(URLS, {
        origin: ORIGIN,
        signer: world.signer,
        witnesses: logWitnesses(world.mine.client, world.mine.tables.log),
        fetch: web.get,
        log,
      })(checkpoint, read),
  });
  addWitness('http://w1.test', 'w1.test/witness');
});
afterEach(() => world.stop());

function addWitness(origin: string, name: string, signer = testSigner(randomUUID())): void {
  const { client, tables } = world.mine;
  const store = witnessStore(client, tables.witness);
  // Both keep their memory in one table here, each under a name of its own.
  const own = {
    read: (log: string) => store.read(`${origin} ${log}`),
    advance: (
      log: string,
      from: Parameters<typeof store.advance>[1],
      to: Parameters<typeof store.advance>[2],
    ) => store.advance(`${origin} ${log}`, from, to),
  };
  const clock = () => new Date().toISOString();
  const { log } = logged();
  web.doors.set(
    origin,
    witnessDoor({ store: own, signer, name, origin: ORIGIN, logKey: undefined, clock, log }),
  );
}

const sequence = async (stream: string, count: number) => {
  for (const entry of entriesOf(stream, count)) await world.take(entry);
  await world.all();
};

const newest = () => {
  const [path = ''] = [...world.objects.objects.keys()]
    .filter((key) => key.startsWith('checkpoints/'))
    .sort()
    .reverse();
  return Buffer.from(world.objects.objects.get(path) ?? []).toString();
};

async function policy() {
  const witnesses = logWitnesses(world.mine.client, world.mine.tables.log);
  const { body } = await servePolicy({ origin: ORIGIN, signer: world.signer }, URLS, witnesses)();
  const read = parsePolicy(String(body));
  if (!read.ok) throw new Error(JSON.stringify(read.errors));
  return read.policy;
}

it('publishes what the witnesses cosigned, batch after batch', async () => {
  addWitness('http://w2.test', 'w2.test/witness');
  for (const [at, count] of [3, 1, 300, 2].entries()) {
    await sequence(`cmt_${at}`, count);
    const verified = verifyCheckpoint(newest(), await policy());
    expect(verified).toMatchObject({ ok: true, quorum: { met: true, cosigned: ['witness-1', 'witness-2'] } });
  }
  expect(await world.read()).toHaveLength(306);
  expect(lines).toEqual([]);
  expect(web.asked.filter((one) => one.startsWith('GET'))).toHaveLength(2);
});

it('publishes without a witness that is not there, and with it again when it is back', async () => {
  await sequence('cmt_a', 2);
  expect(verifyCheckpoint(newest(), await policy())).toMatchObject({ ok: true, cosignatures: { length: 1 } });
  expect(lines).toMatchObject([{ message: 'a witness did not cosign', fields: { url: 'http://w2.test/' } }]);
  addWitness('http://w2.test', 'w2.test/witness');
  await sequence('cmt_b', 2);
  expect(verifyCheckpoint(newest(), await policy())).toMatchObject({ ok: true, cosignatures: { length: 2 } });
});

it('finds the size again that a witness knows', async () => {
  await sequence('cmt_a', 5);
  const known = logWitnesses(world.mine.client, world.mine.tables.log);
  for (const size of [0, 4]) {
    await known.cosigned('http://w1.test/', size);
    await sequence(`cmt_${size}`, 2);
    expect(verifyCheckpoint(newest(), await policy())).toMatchObject({
      ok: true,
      cosignatures: { length: 1 },
    });
  }
});

it.each([
  ['an answer that is no signature', () => new Response('thank you\n')],
  ['an answer at length', () => new Response('x'.repeat(30_000))],
  ['a size that the log never had', () => new Response('99999\n', { status: 409 })],
  ['a failure', () => new Response('', { status: 500 })],
])('takes nothing from a witness that gives %s', async (_, make) => {
  await sequence('cmt_a', 1);
  web.instead((url) => (url.endsWith('add-checkpoint') ? make() : undefined));
  await sequence('cmt_b', 1);
  expect(verifyCheckpoint(newest(), { ...(await policy()), quorum: 'none' })).toMatchObject({
    ok: true,
    cosignatures: [],
  });
  expect(await world.read()).toHaveLength(2);
});

it('takes no signature of another key than the one it knows', async () => {
  await sequence('cmt_a', 1);
  addWitness('http://w1.test', 'w1.test/witness');
  await sequence('cmt_b', 1);
  expect(verifyCheckpoint(newest(), { ...(await policy()), quorum: 'none' })).toMatchObject({
    cosignatures: [],
  });
});

it('reads addresses as the environment names them', () => {
  expect(witnessUrls(undefined)).toEqual([]);
  expect(witnessUrls('http://a.test/, http://b.test')).toEqual(['http://a.test/', 'http://b.test/']);
});
