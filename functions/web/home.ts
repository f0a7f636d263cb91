import type { Answer } from '../../shared/lambda/http.ts';
import { ROUTES } from '../routes.ts';

/** A plain page that points to the API. */
export async function home(): Promise<Answer> {
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    },
    body: PAGE,
  };
}

const reads = ROUTES.filter(({ route }) => /^GET \/v1\/[^{]+$/.test(route)).map(({ route, access }) => {
  const path = route.slice('GET '.length);
  const who =
    access === 'anyone'
      ? ''
      : ` <small>(${access === 'signed-in' ? 'signed in' : access.join(', ')})</small>`;
  return `<li><a href="${path}">${path}</a>${who}</li>`;
});

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Followthrough</title>
<style>
body{font:1.1rem/1.6 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem;color:#0b0c0c;background:#fff}
h1{font-size:2rem;line-height:1.2}h2{font-size:1.3rem;margin-top:2rem}a{color:#1a5a96}small{color:#505a5f}
li{margin:.2rem 0;overflow-wrap:anywhere}code{background:#f3f2f1;padding:.1rem .3rem}
</style>
<main>
<h1>Followthrough keeps an organisation’s word</h1>
<p>A management response is full of promises. Here each one is a commitment with the words it comes from, the progress that was
reported, who verified it, and a history in which each record names the one before it by its hash.</p>
<h2>Read</h2>
<ul>
${reads.join('\n')}
</ul>
<h2>Write</h2>
<p>Commands take JSON or forms, a bearer token, an <code>Idempotency-Key</code> and the version you saw in <code>If-Match</code>.
All of them are described in <a href="/v1/openapi.json">the OpenAPI document</a>.</p>
</main>
</html>
`;
