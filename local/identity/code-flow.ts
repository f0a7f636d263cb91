import { createHash, randomBytes } from 'node:crypto';
import { CLIENT_ID } from './issuer.ts';

const REDIRECT_URI = 'http://127.0.0.1/callback';
const MOST_REDIRECTS = 10;

/**
 * Signs a demo person in at the issuer, as a browser would (authorization code with PKCE), and gives the ID token.
 * Throws when the issuer can't be reached or doesn't know the person.
 */
export async function fetchIdToken(issuer: string, person: string): Promise<string> {
  const browser = makeBrowser(issuer);
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const query = new URLSearchParams({
    client_id: CLIENT_ID,
    response_type: 'code',
    scope: 'openid',
    redirect_uri: REDIRECT_URI,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    state,
  });
  const loginPage = await browser.follow(`/auth?${query}`);
  const callback = await browser.follow(loginPage.pathname, new URLSearchParams({ person }));
  const code = callback.searchParams.get('code');
  if (callback.pathname !== '/callback' || code === null || callback.searchParams.get('state') !== state)
    throw new Error(`The issuer at ${issuer} did not sign in "${person}"`);
  return redeem(issuer, code, verifier);
}

async function redeem(issuer: string, code: string, verifier: string): Promise<string> {
  const body = new URLSearchParams({
    client_id: CLIENT_ID,
    grant_type: 'authorization_code',
    code,
    redirect_uri: REDIRECT_URI,
    code_verifier: verifier,
  });
  const answer = await fetch(`${issuer}/token`, { method: 'POST', body });
  const { id_token: token } = (await answer.json()) as { id_token?: string };
  if (token === undefined) throw new Error(`The issuer at ${issuer} gave no token (${answer.status})`);
  return token;
}

/** Keeps cookies and follows redirects until a page is shown or the issuer sends it away to the client. */
function makeBrowser(issuer: string) {
  const cookies = new Map<string, string>();

  async function visit(url: URL, form?: URLSearchParams): Promise<URL | null> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie },
      ...(form && { method: 'POST', body: form }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
      cookies.set(name, value);
    }
    await answer.arrayBuffer();
    const location = answer.headers.get('location');
    return location === null ? null : new URL(location, url);
  }

  return {
    async follow(path: string, form?: URLSearchParams): Promise<URL> {
      let at = new URL(path, issuer);
      let next = await visit(at, form);
      for (let n = 0; next !== null && n < MOST_REDIRECTS; n++) {
        at = next;
        if (at.origin !== issuer) return at;
        next = await visit(at);
      }
      return at;
    },
  };
}
