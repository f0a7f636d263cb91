import type { IncomingMessage } from 'node:http';
import type { Json } from '../services.ts';

/** The CORS configuration of an HTTP API; when there is one, the API answers preflights itself. */
export interface Cors {
  /** Headers of the answer to a preflight, or undefined when the request is none. */
  preflight(request: IncomingMessage): Record<string, string> | undefined;
  /** Headers added to every other answer. */
  headers(request: IncomingMessage): Record<string, string>;
}

/** Reads `CorsConfiguration` of an `AWS::ApiGatewayV2::Api`. */
export function makeCors(configuration: Json | undefined): Cors | undefined {
  if (!configuration) return undefined;
  const list = (name: string) => ((configuration[name] ?? []) as string[]).map(String);
  const origins = list('AllowOrigins');
  const methods = list('AllowMethods').join(',');
  const allowHeaders = list('AllowHeaders').join(',');
  const expose = list('ExposeHeaders').join(',');
  const maxAge = configuration['MaxAge'];

  function headers(request: IncomingMessage): Record<string, string> {
    const origin = request.headers.origin;
    if (origin === undefined) return {};
    if (!origins.includes('*') && !origins.includes(origin)) return {};
    const credentials = configuration?.['AllowCredentials'] === true;
    return {
      'access-control-allow-origin': origins.includes('*') ? '*' : origin,
      ...(credentials && { 'access-control-allow-credentials': 'true' }),
      ...(expose && { 'access-control-expose-headers': expose }),
    };
  }

  return {
    headers,
    preflight(request) {
      const asked = request.headers['access-control-request-method'];
      if (request.method !== 'OPTIONS' || request.headers.origin === undefined || asked === undefined)
        return undefined;
      return {
        ...headers(request),
        ...(methods && { 'access-control-allow-methods': methods }),
        ...(allowHeaders && { 'access-control-allow-headers': allowHeaders }),
        ...(maxAge !== undefined && { 'access-control-max-age': String(maxAge) }),
      };
    },
  };
}
