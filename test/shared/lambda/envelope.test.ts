import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBody } from '../../../shared/lambda/body.ts';
import { etag, FOREIGN, readEnvelope, versionProblem } from '../../../shared/lambda/envelope.ts';
import type { Call } from '../../../shared/lambda/http.ts';

const callWith = (body: string | object, headers: Record<string, string> = {}): Call => {
  const raw = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const type = headers['content-type'] ?? 'application/json';
  return { headers, body: () => readBody(raw, type) } as unknown as Call;
};
const read = async (body: string | object, headers?: Record<string, string>) => {
  const envelope = await readEnvelope(callWith(body, headers));
  return 'status' in envelope ? (envelope.body as { code: string }).code : envelope;
};
const key = { 'idempotency-key': 'k-1' };

describe('the envelope of a command', () => {
  it('stands in headers or in fields, which leave the body', async () => {
    const expected = { key: 'k-1', version: 3, body: { value: { narrative: 'x' }, form: false } };
    expect(await read({ narrative: 'x' }, { ...key, 'if-match': '"v3"' })).toEqual(expected);
    expect(await read({ narrative: 'x', _idempotency_key: 'k-1', _version: 3 })).toEqual(expected);
    const form = await read('narrative=x&_idempotency_key=k-1&_version=3', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(form).toEqual({ ...expected, body: { value: { narrative: 'x' }, form: true } });
  });

  it('believes the header where both stand', async () => {
    expect(
      await read({ _version: 9, _idempotency_key: 'k-9' }, { ...key, 'if-match': '"v3"' }),
    ).toMatchObject({ key: 'k-1', version: 3 });
  });

  it.each([undefined, 5, null, '', ' ', ' k', 'k ', 'ключ', 'k'.repeat(256), { a: 1 }, ['k']])(
    'needs a key, and %j is none',
    async (field) => {
      expect(await read({ _idempotency_key: field })).toBe('idempotency-key-missing');
    },
  );

  it.each(['v3', '"3"', 'W/"v3"', '"v-3"', '"v3", "v4"', '"v"', '', '"v9999999999999999"'])(
    'knows no version by the If-Match %j, which is stale once it is looked at',
    async (header) => {
      expect(await read({}, { ...key, 'if-match': header })).toMatchObject({ version: FOREIGN });
      expect(versionProblem(FOREIGN, 3)).toMatchObject({ status: 412, body: { version: 3 } });
    },
  );

  it('finds no version in If-Match: *, nor in a field left empty', async () => {
    expect(await read({}, { ...key, 'if-match': '*' })).toMatchObject({ version: null });
    expect(await read({ _version: '' }, key)).toMatchObject({ version: null });
  });

  it.each<unknown>([
    -1,
    1.5,
    1e300,
    true,
    null,
    'v3',
    [],
    ['3'],
    {},
    { toString: 1 },
    { valueOf: 1, toString: null },
  ])('takes no other _version: %j', async (version) => {
    expect(await read({ _version: version }, key)).toBe('invalid-body');
  });

  it('takes no version nested 100,000 deep, and does not crash on it', async () => {
    expect(await read(`{"_version":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, key)).toBe('invalid-body');
  });

  it('is read or refused whatever stands in it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom('_version', '_idempotency_key', '__proto__'), fc.jsonValue()),
        async (body) => {
          expect(await read(body)).toBeTruthy();
        },
      ),
    );
  });
});

describe('the version that the sender saw', () => {
  it('has to be named, and to be the current one', () => {
    expect(versionProblem(3, 3)).toBeNull();
    expect(versionProblem(null, 3)?.status).toBe(428);
    expect(versionProblem(2, 3)).toMatchObject({
      status: 412,
      headers: { etag: etag(3) },
      body: { version: 3 },
    });
  });
});
