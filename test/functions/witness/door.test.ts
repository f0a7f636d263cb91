import type { LambdaFunctionURLEvent } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { witnessDoor } from '../../../functions/witness/door.ts';
import type { Witnessed } from '../../../shared/store/witness.ts';
import { LOG_KEY_HEADER } from '../../../shared/tlog/add-checkpoint.ts';
import { COSIGNATURE_V1 } from '../../../shared/tlog/signed-message.ts';
import { parseVerifierKey } from '../../../shared/tlog/verifier-key.ts';
import { logged } from '../../kit/records.ts';
import { testSigner } from '../../kit/signer.ts';
import { makeLog } from './log.ts';

const ORIGIN = 'log.example/audit';
const log = await makeLog(ORIGIN, 'log', (index) => `entry ${index}`);

/** The example of the specification, as it stands there. */
const EXAMPLE = `old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
`;

function door(origin = ORIGIN) {
  let state: Witnessed | null = null;
  const { log: output, lines } = logged();
  const store = {
    read: async () => state,
    advance: async (_: string, from: Witnessed | null, to: Witnessed) => {
      if (from !== state) return false;
      state = to;
      return true;
    },
  };
  const handle = witnessDoor({
    store,
    signer: testSigner('witness'),
    name: 'witness.example/w1',
    origin,
    logKey: log.key,
    clock: () => '2026-11-24T10:00:00.000Z',
    log: output,
  });
  return { handle, lines, store };
}

const request = (method: string, path: string, body?: string | Uint8Array, headers = {}) =>
  ({
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: '',
    headers,
    requestContext: { requestId: 'r1', http: { method, path } },
    isBase64Encoded: typeof body !== 'string',
    body: typeof body === 'string' ? body : Buffer.from(body ?? []).toString('base64'),
  }) as unknown as LambdaFunctionURLEvent;

describe('the door of the witness', () => {
  it('takes a checkpoint, as text and in base64', async () => {
    const { handle } = door();
    const first = await handle(request('POST', '/add-checkpoint', await log.request(0, 3)));
    expect(first).toMatchObject({ statusCode: 200, headers: { 'request-id': 'r1' } });
    const second = Buffer.from(await log.request(3, 4));
    expect(await handle(request('POST', '/add-checkpoint', second))).toMatchObject({ statusCode: 200 });
  });

  it('gives the size in the media type of the specification', async () => {
    const { handle } = door();
    expect(await handle(request('POST', '/add-checkpoint', await log.request(2, 3)))).toMatchObject({
      statusCode: 409,
      headers: { 'content-type': 'text/x.tlog.size' },
      body: '0\n',
    });
  });

  it('tells its key', async () => {
    const { handle } = door();
    const answer = (await handle(request('GET', '/key'))) as { statusCode: number; body: string };
    expect(answer.statusCode).toBe(200);
    const parsed = parseVerifierKey(answer.body.trimEnd());
    expect(parsed).toMatchObject({
      ok: true,
      key: { name: 'witness.example/w1', algorithm: COSIGNATURE_V1 },
    });
  });

  it('takes the key of a log that it was told none of', async () => {
    const { store } = door();
    const untold = witnessDoor({
      store,
      signer: testSigner('witness'),
      name: 'w',
      origin: ORIGIN,
      logKey: undefined,
      clock: () => '2026-11-24T10:00:00.000Z',
      log: logged().log,
    });
    const body = await log.request(0, 3);
    expect(await untold(request('POST', '/add-checkpoint', body))).toMatchObject({ statusCode: 403 });
    expect(
      await untold(request('POST', '/add-checkpoint', body, { [LOG_KEY_HEADER]: log.key })),
    ).toMatchObject({ statusCode: 200 });
  });

  it('reads the example of the specification, and does not know its key', async () => {
    const known = door('example.com/behind-the-sofa');
    expect(await known.handle(request('POST', '/add-checkpoint', EXAMPLE))).toMatchObject({
      statusCode: 403,
    });
    expect(await door().handle(request('POST', '/add-checkpoint', EXAMPLE))).toMatchObject({
      statusCode: 404,
    });
  });

  it('knows two paths, with their methods', async () => {
    const { handle } = door();
    for (const path of ['/', '/key/', '/__proto__', '/constructor', '/add-checkpoint/x'])
      expect(await handle(request('GET', path)), path).toMatchObject({ statusCode: 404 });
    expect(await handle(request('GET', '/add-checkpoint'))).toMatchObject({
      statusCode: 405,
      headers: { allow: 'POST' },
    });
    expect(await handle(request('DELETE', '/key'))).toMatchObject({ statusCode: 405 });
    expect(await handle(request('constructor', '/key'))).toMatchObject({ statusCode: 405 });
  });

  it('reads no body that is too large, or no UTF-8', async () => {
    const { handle } = door();
    const large = 'a'.repeat(64 * 1024 + 1);
    expect(await handle(request('POST', '/add-checkpoint', large))).toMatchObject({ statusCode: 413 });
    const bytes = Buffer.concat([Buffer.from(await log.request(0, 3)), Buffer.of(0xff, 0x0a)]);
    expect(await handle(request('POST', '/add-checkpoint', bytes))).toMatchObject({ statusCode: 400 });
  });

  it('says nothing of what failed inside, but to its log', async () => {
    const { log: output, lines } = logged();
    const broken = witnessDoor({
      store: { read: () => Promise.reject(new Error('secret')), advance: async () => false },
      signer: testSigner('witness'),
      name: 'w',
      origin: ORIGIN,
      logKey: log.key,
      clock: () => '2026-11-24T10:00:00.000Z',
      log: output,
    });
    const answer = await broken(request('POST', '/add-checkpoint', await log.request(0, 3)));
    expect(answer).toMatchObject({ statusCode: 503, headers: { 'retry-after': '1' } });
    expect(JSON.stringify(answer)).not.toContain('secret');
    expect(lines).toMatchObject([{ message: 'request failed', fields: { requestId: 'r1' } }]);
  });
});

describe('whatever comes in', () => {
  const refused = async (body: string | Uint8Array, key?: string): Promise<void> => {
    const { handle, lines } = door();
    const answer = (await handle(
      request('POST', '/add-checkpoint', body, key === undefined ? {} : { [LOG_KEY_HEADER]: key }),
    )) as { statusCode: number };
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.statusCode).toBeLessThan(500);
    expect(lines).toEqual([]);
  };

  it('is refused where it is nonsense', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 300 })),
        fc.option(fc.string(), { nil: undefined }),
        refused,
      ),
    );
  });

  it('is refused where one byte of a true request is another one', async () => {
    const whole = Buffer.from(await log.request(0, 300));
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        await refused(bytes);
      }),
      { numRuns: 300 },
    );
  });

  it('is refused where a line is missing, doubled or cut', async () => {
    const lines = (await log.request(0, 5)).split('\n');
    for (const at of lines.keys()) {
      const without = lines.toSpliced(at, 1).join('\n');
      const cut = lines.slice(0, at).join('\n');
      await refused(without);
      await refused(cut);
    }
    await refused(lines.toSpliced(1, 0, 'AAAA').join('\n'));
    await refused(lines.toSpliced(0, 1, 'old 00').join('\n'));
    await refused(lines.toSpliced(0, 1, 'old -1').join('\n'));
    await refused(lines.toSpliced(0, 1, 'old 99999999999999999999').join('\n'));
  });
});
