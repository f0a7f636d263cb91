import { describe, expect, it } from 'vitest';
import { fallback } from '../../../functions/web/fallback.ts';

const ask = async (method: string, path: string) => {
  const { status, headers } = await fallback({ method, path });
  return [status, headers?.['allow']];
};

describe('what no route takes', () => {
  it.each([
    ['PUT', '/v1/commitments', 'GET, HEAD, POST'],
    ['DELETE', '/v1/commitments/cmt_1', 'GET, HEAD'],
    ['GET', '/v1/commitments/cmt_1/updates', 'POST'],
    ['HEAD', '/v1/commitments/cmt_1/updates', 'POST'],
    ['POST', '/v1/subscriptions/sub_1', 'GET, HEAD, PATCH, DELETE'],
    ['POST', '/', 'GET, HEAD'],
  ])('is %s at %s, which takes %s', async (method, path, allow) => {
    expect(await ask(method, path)).toEqual([405, allow]);
    expect(await ask('OPTIONS', path)).toEqual([204, allow]);
  });

  it.each(['/v1/nothing', '/v1/commitments/', '//v1/health', '/v1/openapi-json', '/v2/health'])(
    'is nothing at %s',
    async (path) => {
      expect(await ask('GET', path)).toEqual([404, undefined]);
      expect(await ask('OPTIONS', path)).toEqual([404, undefined]);
    },
  );
});
