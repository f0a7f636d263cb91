import { expect, it } from 'vitest';
import { ROUTES } from '../../../functions/routes.ts';
import { openapi } from '../../../functions/web/openapi.ts';
import { QUERIES } from '../../../functions/web/queries.ts';

interface Operation {
  description: string;
  parameters: { name: string; explode?: boolean }[];
  responses: Record<string, { content: object }>;
}
const { paths } = (await openapi()).body as { paths: Record<string, Record<string, Operation>> };

it('describes every route but the one for what is none', () => {
  const described = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.sort()).toEqual(
    ROUTES.map(({ route }): string => route)
      .filter((route) => route !== '$default')
      .map((route) => route.replace('+}', '}'))
      .sort(),
  );
});

it('knows parameters of routes that exist only', () => {
  const routes = ROUTES.map(({ route }): string => route);
  for (const route of Object.keys(QUERIES)) expect(routes).toContain(route);
});

it('says under which verbs the trail tells of a route', () => {
  const description = (path: string, method: string) => paths[path]?.[method]?.description;
  expect(description('/v1/commitments/{id}/closures', 'post')).toBe(
    'For: coordinator. In the audit trail: `close`.',
  );
  expect(description('/v1/commitments/{id}/verifications', 'post')).toContain('`verify`, `return`.');
  expect(description('/v1/commitments', 'get')).toBe('Anyone.');
});

it('says how several statuses are written, and as what the trail is exported', () => {
  const statuses = paths['/v1/commitments']?.['get']?.parameters.find(({ name }) => name === 'status');
  expect(statuses?.explode).toBe(false);
  expect(Object.keys(paths['/v1/audit/entries']?.['get']?.responses['200']?.content ?? {})).toContain(
    'text/csv',
  );
});
