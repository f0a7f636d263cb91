import { httpDoor } from '../../shared/lambda/http.ts';
import { tokenVerifier } from '../../shared/lambda/token.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { required } from '../../shared/runtime/env.ts';
import { log } from '../../shared/runtime/log.ts';
import { routesOf } from '../routes.ts';
import { fallback } from './fallback.ts';
import { home } from './home.ts';
import { openapi } from './openapi.ts';

/** The plain page, the API's description, and what no other route takes. */
export const handler = httpDoor({
  routes: routesOf('web-pages'),
  handlers: { 'GET /': home, 'GET /v1/openapi.json': openapi, $default: fallback },
  verify: tokenVerifier({
    issuer: required('ISSUER_URL'),
    audience: required('TOKEN_AUDIENCE'),
    jwksUri: required('JWKS_URL'),
  }),
  clock: systemClock,
  log,
});
