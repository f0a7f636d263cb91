import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { makeCors } from '../../../../local/host/http-api/cors.ts';

const request = (method: string, headers: Record<string, string>) =>
  ({ method, headers }) as unknown as IncomingMessage;
const preflight = { origin: 'https://a.example', 'access-control-request-method': 'POST' };

describe('CORS of an HTTP API', () => {
  const cors = makeCors({
    ...{ AllowOrigins: ['https://a.example'], AllowMethods: ['GET', 'POST'], AllowHeaders: ['x-one'] },
    ...{ ExposeHeaders: ['etag'], MaxAge: 60, AllowCredentials: true },
  });

  it('answers a preflight itself', () => {
    expect(cors?.preflight(request('OPTIONS', preflight))).toEqual({
      'access-control-allow-origin': 'https://a.example',
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'etag',
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'x-one',
      'access-control-max-age': '60',
    });
  });

  it('lets any other OPTIONS through, and says nothing to other origins', () => {
    expect(cors?.preflight(request('OPTIONS', { origin: 'https://a.example' }))).toBeUndefined();
    expect(cors?.headers(request('GET', { origin: 'https://b.example' }))).toEqual({});
    expect(cors?.headers(request('GET', {}))).toEqual({});
  });

  it('allows every origin by a star, and is nothing without a configuration', () => {
    const open = makeCors({ AllowOrigins: ['*'] });
    expect(open?.headers(request('GET', { origin: 'https://b.example' }))).toEqual({
      'access-control-allow-origin': '*',
    });
    expect(makeCors(undefined)).toBeUndefined();
  });
});
