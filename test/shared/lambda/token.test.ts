import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenVerifier } from '../../../shared/lambda/token.ts';

const issuer = 'http://issuer.test/realm';
const audience = 'followthrough';
const now = () => Math.floor(Date.now() / 1000);
const claims = {
  name: 'Amina',
  'cognito:groups': ['verifier', 'focal-point', 'king'],
  'custom:units': JSON.stringify({ include: ['*'], except: ['Legal', 5] }),
};

const keys = await generateKeyPair('RS256');
const strangers = await generateKeyPair('RS256');
const elliptic = await generateKeyPair('ES256');

/** A JWKS server on loopback; what it answers and how often it was asked. */
const jwks = { answer: 200, fetched: 0, server: null as Server | null, uri: '' };

beforeAll(async () => {
  const body = JSON.stringify({
    keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }],
  });
  const server = createServer((_, response) => {
    jwks.fetched += 1;
    response
      .writeHead(jwks.answer, { 'content-type': 'application/json' })
      .end(jwks.answer === 200 ? body : '<h1>oops</h1>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  jwks.server = server;
  jwks.uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
});
afterAll(() => jwks.server?.close());

const verifier = () => tokenVerifier({ issuer, audience, jwksUri: jwks.uri });

interface Forged {
  key?: CryptoKey | Uint8Array;
  header?: object;
  issuer?: string;
  audience?: string;
  subject?: string;
  expires?: number;
  more?: object;
}

function token({
  key = keys.privateKey,
  header = {},
  more = claims,
  ...fields
}: Forged = {}): Promise<string> {
  const jwt = new SignJWT({ ...more })
    .setProtectedHeader({ alg: 'RS256', kid: 'k1', ...header })
    .setIssuer(fields.issuer ?? issuer)
    .setAudience(fields.audience ?? audience)
    .setIssuedAt()
    .setExpirationTime(fields.expires ?? now() + 300);
  return (fields.subject === '' ? jwt : jwt.setSubject(fields.subject ?? 'subject-1')).sign(key);
}

describe('a token of the issuer', () => {
  it('is a person, with the roles and units that are known', async () => {
    expect(await verifier()(await token())).toEqual({
      subject: 'subject-1',
      name: 'Amina',
      roles: ['focal-point', 'verifier'],
      units: { include: ['*'], except: ['Legal'] },
      signIn: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it.each([
    {},
    { 'cognito:groups': 'administrator', 'custom:units': '*' },
    { 'cognito:groups': { 0: 'administrator' }, 'custom:units': '["*"]', name: 7 },
    { 'cognito:groups': null, 'custom:units': 'null' },
    { 'cognito:groups': [['administrator']], 'custom:units': '{"include":"*"}' },
    { 'custom:units': { include: ['*'] } },
  ])('opens nothing by claims that can not be read: %j', async (more) => {
    expect(await verifier()(await token({ more }))).toEqual({
      subject: 'subject-1',
      name: null,
      roles: [],
      units: { include: [], except: [] },
      signIn: expect.any(String),
    });
  });

  it.each([
    [
      'the sign-in that it was renewed from',
      { origin_jti: 'o', auth_time: 5, jti: 'a' },
      { origin_jti: 'o', auth_time: 6, jti: 'b' },
    ],
    ['the time of the sign-in', { auth_time: 5, jti: 'a' }, { auth_time: 5, jti: 'b' }],
    ['itself, where it says nothing more', { jti: 'a' }, { jti: 'a' }],
  ])('tells one sign-in from another by %s', async (_, one, same) => {
    const verify = verifier();
    const signInOf = async (forged: Forged) => (await verify(await token(forged)))?.signIn;
    const known = await signInOf({ more: one });
    expect(await signInOf({ more: same })).toBe(known);
    expect(await signInOf({ more: same, subject: 'subject-2' })).not.toBe(known);
    const other = Object.fromEntries(Object.entries(one).map(([name, value]) => [name, `${value}0`]));
    expect(await signInOf({ more: other })).not.toBe(known);
  });

  it('is verified once, and its keys fetched once', async () => {
    const verify = verifier();
    const before = jwks.fetched;
    const one = await token();
    const person = await verify(one);
    expect(await verify(one)).toBe(person);
    await verify(await token({ subject: 'subject-2' }));
    expect(jwks.fetched - before).toBe(1);
  });
});

describe('no person', () => {
  const none: [string, () => Promise<string> | string][] = [
    ['a token of another issuer', () => token({ issuer: 'http://issuer.test/other' })],
    ['a token for another audience', () => token({ audience: 'elsewhere' })],
    ['a token that has run out', () => token({ expires: now() - 1 })],
    ['a token that is not valid yet', () => token({ more: { nbf: now() + 600 } })],
    ['a token without a subject', () => token({ subject: '' })],
    ['a token signed by a stranger', () => token({ key: strangers.privateKey })],
    ['a token of an unknown key', () => token({ key: strangers.privateKey, header: { kid: 'k2' } })],
    ['a token without a key id', () => token({ header: { kid: undefined } })],
    ['a token of another algorithm', () => token({ key: elliptic.privateKey, header: { alg: 'ES256' } })],
    [
      'a token without a signature',
      () =>
        new UnsecuredJWT({ ...claims, sub: 'subject-1' })
          .setIssuer(issuer)
          .setAudience(audience)
          .setExpirationTime('5m')
          .encode(),
    ],
    [
      'a token without a signature that names a key',
      async () => {
        const [, payload] = (await token()).split('.');
        return `${Buffer.from('{"alg":"none","kid":"k1"}').toString('base64url')}.${payload}.`;
      },
    ],
    [
      'a token that takes the public key for a shared secret',
      async () => token({ key: Buffer.from(await exportSPKI(keys.publicKey)), header: { alg: 'HS256' } }),
    ],
    [
      'a token whose claims were changed',
      async () => {
        const [header, payload = '', signature] = (await token()).split('.');
        const changed = { ...JSON.parse(Buffer.from(payload, 'base64url').toString()), sub: 'subject-2' };
        return `${header}.${Buffer.from(JSON.stringify(changed)).toString('base64url')}.${signature}`;
      },
    ],
    ['no token at all', () => 'x'],
    ['nothing', () => ''],
    ['dots', () => '..'],
  ];

  it.each(none)('is %s', async (_, forge) => {
    expect(await verifier()(await forge())).toBeNull();
  });

  it('is any text or any JSON in the shape of a token', async () => {
    const verify = verifier();
    await verify(await token());
    const encoded = fc.json().map((json) => Buffer.from(json).toString('base64url'));
    const header = fc.oneof(
      encoded,
      fc.constant(Buffer.from('{"alg":"RS256","kid":"k1"}').toString('base64url')),
    );
    const shaped = fc.tuple(header, encoded, fc.base64String()).map((parts) => parts.join('.'));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), shaped), async (text) => {
        expect(await verify(text)).toBeNull();
      }),
      { numRuns: 200 },
    );
  });

  it('can make the verifier fetch keys again and again', async () => {
    const verify = verifier();
    const before = jwks.fetched;
    for (let index = 0; index < 10; index += 1)
      expect(
        await verify(await token({ key: strangers.privateKey, header: { kid: `k-${index}` } })),
      ).toBeNull();
    expect(jwks.fetched - before).toBe(1);
  });
});

describe('an issuer that is away', () => {
  it.each([500, 503, 404])('says nothing about the token: %i', async (answer) => {
    jwks.answer = answer;
    const verify = verifier();
    const one = await token();
    await expect(verify(one)).rejects.toMatchObject({ name: 'KeysUnavailable' });
    jwks.answer = 200;
    expect(await verify(one)).toMatchObject({ subject: 'subject-1' });
  });

  it('says nothing about it where nobody listens, either', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const verify = tokenVerifier({ issuer, audience, jwksUri: `http://127.0.0.1:${port}/jwks` });
    await expect(verify(await token())).rejects.toMatchObject({ name: 'KeysUnavailable' });
    expect(await verify('x')).toBeNull();
  });
});
