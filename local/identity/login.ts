import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type Provider from 'oidc-provider';
import { page } from './page.ts';
import { people } from './people.ts';

/** Shows the demo people, and signs in the one that was picked. */
export async function signIn(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { prompt, params, session } = await provider.interactionDetails(request, response);
    const picked = prompt.name === 'login' ? await pickedPerson(request) : session?.accountId;
    if (picked === undefined) return show(response, 200, pickPage());
    const result =
      prompt.name === 'login'
        ? { login: { accountId: picked } }
        : { consent: { grantId: await grant(provider, picked, String(params['client_id'])) } };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
  } catch {
    show(
      response,
      400,
      page('<p>This sign-in has expired. Go back to where you came from and start again.</p>'),
    );
  }
}

async function pickedPerson(request: IncomingMessage): Promise<string | undefined> {
  if (request.method !== 'POST') return undefined;
  const id = new URLSearchParams(await text(request)).get('person');
  return people.find((person) => person.id === id)?.id;
}

async function grant(provider: Provider, accountId: string, clientId: string): Promise<string> {
  const given = new provider.Grant({ accountId, clientId });
  given.addOIDCScope('openid');
  return given.save();
}

/** What stands at the issuer's own address. */
export function showAbout(response: ServerResponse): void {
  const rows = people.map(
    ({ id, name, roles }) => `<li><code>${id}</code> ${name} · ${roles.join(', ')}</li>`,
  );
  const body = `<p>The OpenID Connect issuer of a system on this machine; applications send people here to sign in.
Its <a href="/.well-known/openid-configuration">configuration</a> says how.</p>
<p><code>npm run token -- &lt;person&gt;</code> prints a bearer token for one of</p><ul>${rows.join('\n')}</ul>`;
  show(response, 200, page(body));
}

function pickPage(): string {
  const buttons = people.map(
    ({ id, name, roles }) =>
      `<button name="person" value="${id}"><strong>${name}</strong> ${id} · ${roles.join(', ')}</button>`,
  );
  return page(`<p>These people exist only on this machine. Pick one: no password is asked.</p>
<form method="post">${buttons.join('\n')}</form>`);
}

function show(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  response.end(html);
}
