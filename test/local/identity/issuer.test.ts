import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fetchIdToken } from '../../../local/identity/code-flow.ts';
import { CLIENT_ID, type Issuer, startIssuer } from '../../../local/identity/issuer.ts';
import { people } from '../../../local/identity/people.ts';
import { freePort } from '../../../local/services/ports.ts';
import { tokenVerifier } from '../../../shared/lambda/token.ts';

let dataDir: string;
let issuer: Issuer;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'followthrough-issuer-'));
  issuer = await startIssuer({ dataDir, port: await freePort() });
});

afterAll(async () => {
  await issuer.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** What the API itself verifies tokens with. */
const verifierFor = ({ url, jwksUrl }: Issuer) =>
  tokenVerifier({ issuer: url, audience: CLIENT_ID, jwksUri: jwksUrl });

const claimsIn = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));

test('a token has the claims that Cognito would give', async () => {
  const claims = claimsIn(await fetchIdToken(issuer.url, 'focal-point'));
  expect(claims).toMatchObject({
    sub: 'focal-point',
    iss: issuer.url,
    aud: CLIENT_ID,
    token_use: 'id',
    'cognito:groups': ['focal-point'],
    name: 'Farah Focal',
    email: 'focal-point@example.org',
  });
  expect(claims.exp - claims.iat).toBe(12 * 60 * 60);
  const units: unknown = JSON.parse(claims['custom:units']);
  expect(units).toEqual({ include: ['Department of Human Resources', ''], except: [] });
});

test('the API takes a token for the person it names', async () => {
  const person = await verifierFor(issuer)(await fetchIdToken(issuer.url, 'focal-point-2'));
  expect(person).toMatchObject({
    subject: 'focal-point-2',
    name: 'Felix Focal',
    roles: ['focal-point'],
    units: { include: ['*'], except: ['Department of Human Resources', ''] },
  });
});

test('each person has the roles of the contract and a token of their own', async () => {
  const verify = verifierFor(issuer);
  const roles: Record<string, unknown> = {};
  for (const { id } of people) {
    const person = await verify(await fetchIdToken(issuer.url, id));
    roles[String(person?.subject)] = person?.roles;
  }
  expect(roles).toEqual({
    'focal-point': ['focal-point'],
    'focal-point-2': ['focal-point'],
    'focal-verifier': ['focal-point', 'verifier'],
    coordinator: ['coordinator'],
    verifier: ['verifier'],
    auditor: ['auditor'],
    administrator: ['administrator'],
  });
});

test('a token stays valid when the issuer is restarted on the same data', async () => {
  const token = await fetchIdToken(issuer.url, 'auditor');
  const port = Number(new URL(issuer.url).port);
  await issuer.stop();
  issuer = await startIssuer({ dataDir, port });
  expect((await verifierFor(issuer)(token))?.subject).toBe('auditor');
});

test('a token says when its person signed in, by which a session is told from others', async () => {
  const before = Math.floor(Date.now() / 1000);
  const claims = claimsIn(await fetchIdToken(issuer.url, 'auditor'));
  expect(claims['auth_time']).toBeGreaterThanOrEqual(before);
  expect(claims['auth_time']).toBeLessThanOrEqual(Math.floor(Date.now() / 1000));
});

test('another issuer has other keys', async () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'followthrough-issuer-'));
  const other = await startIssuer({ dataDir: elsewhere, port: await freePort() });
  try {
    const token = await fetchIdToken(other.url, 'administrator');
    expect(await verifierFor(other)(token)).not.toBeNull();
    expect(await verifierFor({ ...other, jwksUrl: issuer.jwksUrl })(token)).toBeNull();
  } finally {
    await other.stop();
    rmSync(elsewhere, { recursive: true, force: true });
  }
});

test('nobody else can sign in', async () => {
  await expect(fetchIdToken(issuer.url, 'somebody')).rejects.toThrow(/did not sign in "somebody"/);
});

test('what it says of itself leads to its keys', async () => {
  const answer = await fetch(`${issuer.url}/.well-known/openid-configuration`);
  const about = (await answer.json()) as Record<string, unknown>;
  expect(about).toMatchObject({
    issuer: issuer.url,
    jwks_uri: issuer.jwksUrl,
    code_challenge_methods_supported: ['S256'],
  });
  expect(await (await fetch(issuer.url)).text()).toContain('/.well-known/openid-configuration');
  const keys = await (await fetch(issuer.jwksUrl)).text();
  expect(keys).toContain('"RS256"');
  expect(keys).not.toContain('"d"');
});

const askToSignIn = (more: Record<string, string> = {}) => {
  const query = new URLSearchParams({
    client_id: CLIENT_ID,
    response_type: 'code',
    scope: 'openid',
    redirect_uri: 'http://127.0.0.1:8787/callback',
    code_challenge: 'a'.repeat(43),
    code_challenge_method: 'S256',
    ...more,
  });
  return fetch(`${issuer.url}/auth?${query}`, { redirect: 'manual' });
};

test('the sign-in page says that it is a local demo and offers each person', async () => {
  const asked = await askToSignIn();
  const cookies = asked.headers.getSetCookie().map((line) => line.split(';')[0]);
  const location = new URL(asked.headers.get('location') ?? '', issuer.url);
  const html = await (await fetch(location, { headers: { cookie: cookies.join('; ') } })).text();
  expect(html).toContain('local demo');
  for (const { id } of people) expect(html).toContain(`value="${id}"`);
  const stranger = await fetch(location);
  expect(stranger.status).toBe(400);
  expect(await stranger.text()).not.toContain('<button');
});

test('a sign-in without PKCE goes back with an error', async () => {
  const asked = await askToSignIn({ code_challenge: '', code_challenge_method: '' });
  expect(asked.headers.get('location')).toMatch(
    /^http:\/\/127\.0\.0\.1:8787\/callback\?error=invalid_request/,
  );
});

test('nobody is sent off this machine, and what was asked comes back as text', async () => {
  const asked = await askToSignIn({ redirect_uri: 'http://example.org/<script>' });
  expect(asked.status).toBe(400);
  expect(asked.headers.get('location')).toBeNull();
  expect(await asked.text()).not.toContain('<script');
});
