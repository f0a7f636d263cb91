import type { FieldError } from '../../shared/commitment/rejection.ts';
import type { Answer, Call } from '../../shared/lambda/http.ts';
import { preferred } from '../../shared/lambda/media.ts';
import { type ProblemCode, problem } from '../../shared/lambda/problem.ts';

const FORMS = /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i;

const PAGE = 'text/html';
const JSON_TYPE = 'application/json';

/** True for a form whose sender would rather see a page than JSON: a browser without script. Of equal weights the first named wins. */
export function wantsPage({ headers }: Call): boolean {
  const accept = (headers['accept'] ?? '').toLowerCase();
  const [html, json] = [accept.indexOf(PAGE), accept.indexOf(JSON_TYPE)];
  if (html < 0 || !FORMS.test(headers['content-type'] ?? '')) return false;
  return preferred(accept, json >= 0 && json < html ? [JSON_TYPE, PAGE] : [PAGE, JSON_TYPE]) === PAGE;
}

/** 422: what needs attention, field by field; for a browser's form, the form again with its values and a summary. */
export async function invalid(
  call: Call,
  errors: FieldError[],
  { code, detail }: { code: ProblemCode; detail: string } = {
    code: 'invalid-body',
    detail: 'Nothing was saved. Mend the fields named here and send it again.',
  },
): Promise<Answer> {
  const answer = problem(code, detail, { errors });
  if (!wantsPage(call) || answer.status !== 422) return answer;
  const body = await call.body();
  const values = 'value' in body ? flatten(body.value) : [];
  return {
    status: 422,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
    body: formPage(call.path, detail, errors, values),
  };
}

const formPage = (
  action: string,
  detail: string,
  errors: FieldError[],
  values: [string, string][],
): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Error: ${errors.length} to mend – Followthrough</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}
[role=alert]{border:4px solid #b10e1e;padding:1rem}label{display:block;margin-top:1rem;font-weight:600}
input,textarea{font:inherit;width:100%;box-sizing:border-box;padding:.4rem}button{font:inherit;margin-top:1.5rem;padding:.5rem 1rem}</style>
<div role="alert" aria-labelledby="summary"><h1 id="summary">There is a problem</h1><p>${escaped(detail)}</p>
<ul>${errors.map((error) => `<li><a href="#${escaped(fieldOf(error))}">${escaped(fieldOf(error))} ${escaped(error.detail)}</a></li>`).join('')}</ul></div>
<form method="post" action="${escaped(action)}">
${values.map(([name, value]) => field(name, value)).join('\n')}
${errors
  .map(fieldOf)
  .filter((name) => name && !values.some(([known]) => known === name))
  .map((name) => field(name, ''))
  .join('\n')}
<button>Send again</button>
</form>
</html>`;

const field = (name: string, value: string): string =>
  name.startsWith('_')
    ? `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`
    : `<label for="${escaped(name)}">${escaped(name)}</label><textarea id="${escaped(name)}" name="${escaped(name)}" rows="${value.length > 80 ? 6 : 1}">${escaped(value)}</textarea>`;

/** `/evidence/0/title` → `evidence[0][title]`, as the form names it. */
const fieldOf = ({ pointer }: FieldError): string =>
  pointer
    .slice(1)
    .split('/')
    .map((step, index) => (index === 0 ? step : `[${step}]`))
    .join('');

function flatten(value: unknown, name = ''): [string, string][] {
  if (value === null || typeof value !== 'object') return [[name, String(value)]];
  return Object.entries(value).flatMap(([key, inner]) => flatten(inner, name ? `${name}[${key}]` : key));
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
