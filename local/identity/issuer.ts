import { createServer, type Server } from 'node:http';
import Provider, { type Configuration } from 'oidc-provider';
import { showAbout, signIn } from './login.ts';
import { makeMemory } from './memory.ts';
import { escapeHtml, page } from './page.ts';
import { claimsOf, people } from './people.ts';
import { readSecrets } from './secrets.ts';

export const CLIENT_ID = 'followthrough';
const TWELVE_HOURS = 12 * 60 * 60;

export interface Issuer {
  url: string;
  jwksUrl: string;
  stop(): Promise<void>;
}

export interface IssuerOptions {
  dataDir: string;
  port: number;
}

/**
 * Starts the OpenID Connect issuer of the local system on loopback. What it signs looks like Cognito's ID tokens,
 * so that the API verifies both the same way.
 */
export async function startIssuer({ dataDir, port }: IssuerOptions): Promise<Issuer> {
  const url = `http://127.0.0.1:${port}`;
  const provider = new Provider(url, configuration(dataDir));
  const oidc = provider.callback();
  const server = createServer((request, response) => {
    if (request.url === '/') showAbout(response);
    else if (request.url?.startsWith('/interaction/')) void signIn(provider, request, response);
    else void oidc(request, response);
  });
  // No client keeps a connection that a restart would break.
  server.maxRequestsPerSocket = 1;
  await listen(server, port);
  return { url, jwksUrl: `${url}/jwks`, stop: () => close(server) };
}

function configuration(dataDir: string): Configuration {
  const { signingKey, cookieKey } = readSecrets(dataDir);
  return {
    adapter: makeMemory(),
    clients: [
      {
        client_id: CLIENT_ID,
        // A native client may come back to any port of loopback (RFC 8252, 7.3).
        application_type: 'native',
        redirect_uris: ['http://127.0.0.1/callback'],
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code'],
        response_types: ['code'],
        id_token_signed_response_alg: 'RS256',
        // Tells one sign-in from another, as in Cognito's tokens.
        require_auth_time: true,
      },
    ],
    jwks: { keys: [signingKey] },
    cookies: { keys: [cookieKey] },
    claims: {
      openid: ['sub', 'name', 'email', 'token_use', 'cognito:groups', 'custom:units'],
    },
    // The ID token is the bearer, so it has to hold the claims itself.
    conformIdTokenClaims: false,
    findAccount(_context, id) {
      const person = people.find((one) => one.id === id);
      return person && { accountId: id, claims: () => claimsOf(person) };
    },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    renderError(context, { error, error_description: detail }) {
      context.type = 'html';
      context.body = page(`<p>${escapeHtml(error)}: ${escapeHtml(detail ?? 'it gave no reason')}</p>`);
    },
    pkce: { required: () => true },
    ttl: {
      AccessToken: TWELVE_HOURS,
      AuthorizationCode: 60,
      Grant: TWELVE_HOURS,
      IdToken: TWELVE_HOURS,
      Interaction: 3600,
      Session: TWELVE_HOURS,
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
