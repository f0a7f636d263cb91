import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export interface TestIssuer {
  issuer: string;
  jwksUri: string;
  audience: string;
  /** A signed ID token, as Cognito gives it. */
  token(person: TestPerson): Promise<string>;
  stop(): Promise<void>;
}

export interface TestPerson {
  subject: string;
  roles: readonly string[];
  units?: { include: string[]; except: string[] };
}

/** The demo people of the local system, and a coordinator more. */
export const PEOPLE = {
  'focal-point': {
    roles: ['focal-point'],
    units: { include: ['Department of Human Resources', ''], except: [] },
  },
  'focal-point-2': {
    roles: ['focal-point'],
    units: { include: ['*'], except: ['Department of Human Resources', ''] },
  },
  'focal-verifier': { roles: ['focal-point', 'verifier'], units: { include: ['*', ''], except: [] } },
  coordinator: { roles: ['coordinator'] },
  'coordinator-2': { roles: ['coordinator'] },
  verifier: { roles: ['verifier'] },
  auditor: { roles: ['auditor'] },
  administrator: { roles: ['administrator'] },
} as const satisfies Record<string, Omit<TestPerson, 'subject'>>;

export type PersonName = keyof typeof PEOPLE;

/** An issuer with one RS256 key, serving its JWKS on loopback. */
export async function startIssuer(): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'test', alg: 'RS256', use: 'sig' };
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const audience = 'followthrough';
  const signedInAt = Math.floor(Date.now() / 1000);
  return {
    issuer,
    audience,
    jwksUri: `${issuer}/jwks`,
    token: ({ subject, roles, units = { include: [], except: [] } }) =>
      new SignJWT({
        'cognito:groups': roles,
        'custom:units': JSON.stringify(units),
        name: subject,
        token_use: 'id',
        auth_time: signedInAt,
      })
        .setProtectedHeader({ alg: 'RS256', kid: 'test' })
        .setSubject(subject)
        .setIssuer(issuer)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(privateKey),
    stop: () =>
      new Promise((stopped) => {
        server.close(() => stopped());
        server.closeAllConnections();
      }),
  };
}
