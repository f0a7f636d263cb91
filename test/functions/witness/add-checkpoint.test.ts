import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addCheckpoint, INCONSISTENT, type Witness } from '../../../functions/witness/add-checkpoint.ts';
import { type WitnessStore, witnessStore } from '../../../shared/store/witness.ts';
import { formatCheckpoint } from '../../../shared/tlog/checkpoint.ts';
import { readCosignatures } from '../../../shared/tlog/cosignature.ts';
import { signNote } from '../../../shared/tlog/note.ts';
import { COSIGNATURE_V1 } from '../../../shared/tlog/signed-message.ts';
import { verifierKey } from '../../../shared/tlog/verifier-key.ts';
import { startTables, type Tables } from '../../kit/dynamodb.ts';
import { logged } from '../../kit/records.ts';
import { testSigner } from '../../kit/signer.ts';
import { makeLog } from './log.ts';

const NAME = 'witness.example/w1';
const signer = testSigner('witness');

let mine: Tables;
beforeAll(async () => {
  mine = await startTables();
});
afterAll(() => mine.stop());

async function given(options: { logKey?: 'none'; store?: (real: WitnessStore) => WitnessStore } = {}) {
  const origin = `log.example/${randomUUID()}`;
  const log = await makeLog(origin, origin, (index) => `entry ${index}`);
  const fork = await makeLog(origin, origin, (index) => `entry ${index}${index === 2 ? ' rewritten' : ''}`);
  const { log: output, lines } = logged();
  const real = witnessStore(mine.client, mine.tables.witness);
  let now = Date.parse('2026-11-24T10:00:00.000Z');
  const witness: Witness = {
    store: options.store?.(real) ?? real,
    signer,
    name: NAME,
    origin,
    logKey: options.logKey === 'none' ? undefined : log.key,
    clock: () => new Date(now).toISOString(),
    log: output,
  };
  return {
    origin,
    log,
    fork,
    lines,
    witness,
    store: real,
    at: (time: string) => {
      now = Date.parse(time);
    },
    ask: async (body: string | Promise<string>, key?: string) => addCheckpoint(witness, await body, key),
  };
}

async function cosignedAt(answer: string, checkpoint: string): Promise<number | undefined> {
  const key = verifierKey(NAME, COSIGNATURE_V1, await signer.publicKey());
  const text = checkpoint.slice(0, checkpoint.indexOf('\n\n') + 1);
  const read = readCosignatures(answer, text, [key]);
  if (!read.ok) throw new Error(read.reason);
  return read.cosignatures[0]?.time;
}

describe('a witness', () => {
  it('cosigns the first checkpoint and each that follows from the last, at its own time', async () => {
    const { log, ask, store, origin, at } = await given();
    for (const [old, size] of [
      [0, 3],
      [3, 7],
      [7, 8],
      [8, 21],
    ] as const) {
      at(`2026-11-24T10:00:${String(size).padStart(2, '0')}.900Z`);
      const { status, body, type } = await ask(log.request(old, size));
      expect(status, body).toBe(200);
      expect(type).toMatch(/^text\/plain/);
      expect(body).toMatch(/^— witness\.example\/w1 \S+\n$/);
      expect(await cosignedAt(body, await log.checkpoint(size))).toBe(
        Date.parse('2026-11-24T10:00:00Z') / 1000 + size,
      );
      expect(await store.read(origin)).toMatchObject({ size, root: log.rootAt(size) });
    }
  });

  it('cosigns the newest one again, for a log that lost the answer', async () => {
    const { log, ask } = await given();
    await ask(log.request(0, 5));
    const { status, body } = await ask(log.request(5, 5));
    expect(status).toBe(200);
    await cosignedAt(body, await log.checkpoint(5));
  });

  it('cosigns an empty log, and what then grows from it', async () => {
    const { log, ask } = await given();
    expect(await ask(log.request(0, 0))).toMatchObject({ status: 200 });
    expect(await ask(log.request(0, 4))).toMatchObject({ status: 200 });
  });

  it('does not cosign an empty log whose root is that of another', async () => {
    const { log, ask, origin } = await given();
    const text = formatCheckpoint({ origin, size: 0, root: log.rootAt(1) });
    const note = await signNote(text, origin, testSigner(origin));
    expect(await ask(`old 0\n\n${note}`)).toMatchObject({ status: 409 });
  });

  it('never goes back in time, whatever its clock does', async () => {
    const { log, ask, at } = await given();
    at('2026-11-24T12:00:00.000Z');
    await ask(log.request(0, 5));
    at('2026-11-24T09:00:00.000Z');
    const { body } = await ask(log.request(5, 6));
    expect(await cosignedAt(body, await log.checkpoint(6))).toBe(Date.parse('2026-11-24T12:00:00Z') / 1000);
  });

  it.each([0, 3, 6, 9])('says what it cosigned last to a log that believes it was %i', async (old) => {
    const { log, ask } = await given();
    await ask(log.request(0, 5));
    expect(await ask(log.request(old, 9))).toEqual({ status: 409, body: '5\n', type: 'text/x.tlog.size' });
  });

  it('does not go back to a smaller tree', async () => {
    const { log, ask, store, origin } = await given();
    await ask(log.request(0, 9));
    expect(await ask(log.request(4, 4))).toMatchObject({ status: 409, body: '9\n' });
    expect(await ask(log.request(0, 4))).toMatchObject({ status: 409, body: '9\n' });
    const [, ...rest] = (await log.request(4, 4)).split('\n');
    expect(await ask(['old 9', ...rest].join('\n'))).toMatchObject({ status: 400 });
    expect(await store.read(origin)).toMatchObject({ size: 9 });
  });

  it('refuses a second history, and keeps what proves it in the log', async () => {
    const { log, fork, ask, lines, store, origin } = await given();
    await ask(log.request(0, 5));
    expect(await ask(fork.request(5, 9))).toMatchObject({ status: 422 });
    expect(await ask(fork.request(5, 5))).toEqual({ status: 409, body: '5\n', type: 'text/x.tlog.size' });
    expect(lines).toMatchObject([
      { message: INCONSISTENT, fields: { size: 5, checkpoint: await fork.checkpoint(9) } },
      { message: INCONSISTENT, fields: { size: 5, checkpoint: await fork.checkpoint(5) } },
    ]);
    expect(await store.read(origin)).toMatchObject({ size: 5, root: log.rootAt(5) });
    expect(await ask(log.request(5, 9))).toMatchObject({ status: 200 });
  });

  it('takes no proof for one that is right but for one hash, one too many or one too few', async () => {
    const { log, ask } = await given();
    await ask(log.request(0, 5));
    const [old = '', ...rest] = (await log.request(5, 9)).split('\n');
    const proof = rest.slice(0, rest.indexOf(''));
    const note = rest.slice(rest.indexOf(''));
    expect(proof.length).toBeGreaterThan(1);
    for (const wrong of [proof.slice(1), [...proof, proof[0] ?? ''], proof.toReversed(), []])
      expect(await ask([old, ...wrong, ...note].join('\n'))).toMatchObject({ status: 422 });
    expect(await ask([old, ...proof, ...note].join('\n'))).toMatchObject({ status: 200 });
  });

  it('knows one log, and only by its key', async () => {
    const { log, ask, origin, store } = await given();
    const stranger = await makeLog('log.example/other', 'other', String);
    const impostor = await makeLog(origin, 'another key', (index) => `entry ${index}`);
    expect(await ask(stranger.request(0, 3), stranger.key)).toMatchObject({ status: 404 });
    expect(await ask(impostor.request(0, 3), impostor.key)).toMatchObject({ status: 403 });
    const signed = await log.request(0, 3);
    const other = log.rootAt(2);
    const changed = signed.replace(
      Buffer.from(log.rootAt(3)).toString('base64'),
      Buffer.from(other).toString('base64'),
    );
    expect(await ask(changed)).toMatchObject({ status: 403 });
    expect(await store.read(origin)).toBeNull();
  });

  it('passes over signatures of keys that it does not know', async () => {
    const { log, ask, origin } = await given();
    const [text = ''] = (await log.checkpoint(3)).split('\n\n');
    const other = await signNote(`${text}\n`, origin, testSigner('a new key'));
    const signed = `${await log.request(0, 3)}${other.split('\n\n')[1]}`;
    expect(await ask(signed)).toMatchObject({ status: 200 });
  });
});

it('remembers nothing that its key could not sign', async () => {
  const { log, ask, origin, store } = await given();
  const text = formatCheckpoint({ origin, size: 1, root: log.rootAt(1), extensions: ['x'.repeat(4000)] });
  const note = await signNote(text, origin, testSigner(origin));
  expect(await ask(`old 0\n\n${note}`)).toMatchObject({ status: 400 });
  expect(await store.read(origin)).toBeNull();
});

describe('a witness that was told no key', () => {
  it('keeps the first one that a log comes with, for ever', async () => {
    const { log, ask, origin, store } = await given({ logKey: 'none' });
    expect(await ask(log.request(0, 3))).toMatchObject({ status: 403 });
    const impostor = await makeLog(origin, 'another key', (index) => `entry ${index}`);
    expect(await ask(log.request(0, 3), impostor.key)).toMatchObject({ status: 403 });
    expect(await store.read(origin)).toBeNull();

    expect(await ask(log.request(0, 3), log.key)).toMatchObject({ status: 200 });
    expect(await ask(impostor.request(3, 4), impostor.key)).toMatchObject({ status: 403 });
    expect(await ask(log.request(3, 4), impostor.key)).toMatchObject({ status: 200 });
    expect(await ask(log.request(4, 5))).toMatchObject({ status: 200 });
    expect(await store.read(origin)).toMatchObject({ logKey: log.key });
  });

  it.each(['', 'x', 'log+00000000+AAAA', 'a'.repeat(10_000)])('is not upset by %j', async (key) => {
    const { log, ask } = await given({ logKey: 'none' });
    expect(await ask(log.request(0, 3), key)).toMatchObject({ status: 403 });
  });
});

describe('two requests at a time', () => {
  it('of two histories end in one signature', async () => {
    const { log, fork, ask, store, origin } = await given();
    const answers = await Promise.all([ask(log.request(0, 3)), ask(fork.request(0, 3))]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    const winner = answers[0]?.status === 200 ? log : fork;
    expect(await store.read(origin)).toMatchObject({ root: winner.rootAt(3) });
  });

  it('of many sizes leave the state at one that was signed, never behind', async () => {
    const { log, ask, store, origin } = await given();
    await ask(log.request(0, 4));
    const sizes = [5, 6, 7, 8, 9, 10];
    const answers = await Promise.all(sizes.map((size) => ask(log.request(4, size))));
    const signed = sizes.filter((_, at) => answers[at]?.status === 200);
    expect(signed).toHaveLength(1);
    expect(await store.read(origin)).toMatchObject({ size: signed[0] });
    for (const { status, body } of answers.filter(({ status }) => status !== 200))
      expect({ status, body }).toEqual({ status: 409, body: `${signed[0]}\n` });
  });

  it('do not sign what another one went past meanwhile', async () => {
    const between: (() => Promise<unknown>)[] = [];
    const { log, ask } = await given({
      store: (real) => ({
        read: (origin) => real.read(origin),
        advance: async (origin, from, to) => {
          await between.pop()?.();
          return real.advance(origin, from, to);
        },
      }),
    });
    await ask(log.request(0, 4));
    between.push(() => ask(log.request(4, 9)));
    expect(await ask(log.request(4, 6))).toMatchObject({ status: 409, body: '9\n' });
    // A checkpoint of the same size as before is looked at in the same way.
    between.push(() => ask(log.request(9, 12)));
    expect(await ask(log.request(9, 9))).toMatchObject({ status: 409, body: '12\n' });
  });
});

it('has remembered what it signs, wherever it is killed', async () => {
  const { log, fork, ask, witness } = await given();
  const dying: Witness = {
    ...witness,
    signer: { ...signer, sign: () => Promise.reject(new Error('killed')) },
  };
  await expect(addCheckpoint(dying, await log.request(0, 3), undefined)).rejects.toThrow('killed');
  expect(await ask(fork.request(0, 3))).toMatchObject({ status: 409, body: '3\n' });
  expect(await ask(log.request(3, 3))).toMatchObject({ status: 200 });
});
