import { publicDoor } from '../../shared/lambda/doors.ts';
import { routesOf } from '../routes.ts';
import { fallback } from './fallback.ts';
import { home } from './home.ts';
import { openapi } from './openapi.ts';

/** The plain page, the API's description, and what no other route takes. */
export const handler = publicDoor({
  routes: routesOf('web-pages'),
  handlers: { 'GET /': home, 'GET /v1/openapi.json': openapi, $default: fallback },
});
