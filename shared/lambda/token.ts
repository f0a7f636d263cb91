import { createHash } from 'node:crypto';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { JwtVerifier } from 'aws-jwt-verify/jwt-verifier';
import { type Person, ROLES, type UnitScope } from './person.ts';

/**
 * Verifies a bearer token: the person, or null for a token that is not one of ours, or no longer valid.
 * @throws KeysUnavailable where the issuer doesn't answer.
 */
export type VerifyToken = (token: string) => Promise<Person | null>;

/** Verified tokens are remembered until they expire, so that a signature is checked once. */
const REMEMBERED = 1000;

/** ID tokens of one OpenID Connect issuer (Cognito in AWS), RS256, for one audience. */
export function tokenVerifier(options: { issuer: string; audience: string; jwksUri: string }): VerifyToken {
  const jwksCache = new SimpleJwksCache({
    // The library's own fetcher speaks https only; a local issuer is on loopback.
    fetcher: { fetch: fetchKeys },
  });
  const verifier = JwtVerifier.create(options, { jwksCache });
  const remembered = new Map<string, { person: Person; until: number }>();
  return async (token) => {
    const known = remembered.get(token);
    if (known && known.until > Date.now()) return known.person;
    const claims = await verifier.verify(token).catch((error: Error) => {
      if (error instanceof KeysUnavailable) throw error;
      return null;
    });
    if (!claims?.sub || typeof claims.exp !== 'number') return null;
    const person: Person = {
      subject: claims.sub,
      name: typeof claims['name'] === 'string' ? claims['name'] : null,
      roles: ROLES.filter((role) => listOf(claims['cognito:groups']).includes(role)),
      units: unitScope(claims['custom:units']),
      signIn: signInOf(claims, token),
    };
    if (remembered.size >= REMEMBERED) remembered.clear();
    remembered.set(token, { person, until: claims.exp * 1000 });
    return person;
  };
}

/**
 * What tells one sign-in from another: `origin_jti` and `auth_time` (OpenID Connect Core 1.0, section 2) stay the same when a token is
 * renewed. An issuer that gives neither begins a session with each token.
 */
function signInOf(claims: Record<string, unknown>, token: string): string {
  const { iss, sub, origin_jti: origin, auth_time: time, jti, iat } = claims;
  const told = [origin, time, jti, iat].find(
    (claim) => typeof claim === 'string' || typeof claim === 'number',
  );
  return createHash('sha256')
    .update(JSON.stringify([iss, sub, told ?? token]))
    .digest('hex');
}

/** The issuer's keys could not be had, which says nothing about the token. */
class KeysUnavailable extends Error {
  override name = 'KeysUnavailable';
}

async function fetchKeys(uri: string): Promise<ArrayBuffer> {
  try {
    const answer = await fetch(uri, { signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new RangeError(`status ${answer.status}`);
    return await answer.arrayBuffer();
  } catch (cause) {
    throw new KeysUnavailable(`no keys from ${uri}`, { cause });
  }
}

const listOf = (claim: unknown): unknown[] => (Array.isArray(claim) ? claim : []);

/** A claim that can't be read opens no unit. */
function unitScope(claim: unknown): UnitScope {
  try {
    const { include, except } = JSON.parse(String(claim)) as Record<string, unknown>;
    const strings = (value: unknown): string[] => listOf(value).filter((item) => typeof item === 'string');
    return { include: strings(include), except: strings(except) };
  } catch {
    return { include: [], except: [] };
  }
}
