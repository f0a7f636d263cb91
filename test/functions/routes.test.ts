import { expect, it } from 'vitest';
import { ROUTES, type RouteWiring } from '../../functions/routes.ts';

it('has a verb for the trail wherever somebody may be refused', () => {
  const closed = (ROUTES as readonly RouteWiring[]).filter(
    ({ route, access }) => typeof access !== 'string' || !/^(GET|\$)/.test(route),
  );
  expect(closed.length).toBeGreaterThan(20);
  for (const { route, action, decisions = {} } of closed)
    for (const verb of [action, ...Object.values(decisions)])
      expect(verb, route).toMatch(/^[a-z]+(-[a-z]+)*$/);
});
