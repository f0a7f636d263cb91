import type { Answer, Call } from '../../shared/lambda/http.ts';
import { problem } from '../../shared/lambda/problem.ts';
import { keysOf, ROUTES } from '../routes.ts';

/** What no route takes: 405 where the path is known under other methods, else 404. */
export async function fallback({ method, path }: Pick<Call, 'method' | 'path'>): Promise<Answer> {
  const allowed = methodsOf(path);
  if (allowed.length === 0)
    return problem('not-found', 'There is nothing at this path. The API is described at /v1/openapi.json.');
  const allow = allowed.join(', ');
  if (method === 'OPTIONS') return { status: 204, headers: { allow } };
  return problem('method-not-allowed', `${path} takes ${allow}, not ${method}.`, { headers: { allow } });
}

const KEYS = ROUTES.flatMap(({ route }) => (route === '$default' ? [] : keysOf(route)));
const PATTERNS = KEYS.map((key) => {
  const [method = '', path = ''] = key.split(' ');
  return {
    method,
    pattern: new RegExp(
      `^${path
        .replaceAll('.', '\\.')
        .replace(/\{[^}]+\+\}/, '.+')
        .replace(/\{[^}]+\}/g, '[^/]+')}$`,
    ),
  };
});

const methodsOf = (path: string): string[] =>
  PATTERNS.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
