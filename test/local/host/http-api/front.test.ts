import { afterAll, beforeAll, expect, it } from 'vitest';
import { type HttpFront, listen } from '../../../../local/host/http-api/api.ts';
import { makeFront } from '../../../../local/host/http-api/front.ts';

let front: HttpFront;
let stopping = false;
beforeAll(async () => {
  front = await listen(0);
  front.open(
    makeFront(
      ({ url = '' }, response) => {
        const isOwn = url.startsWith('/_functions/');
        if (isOwn) response.end('by its URL');
        return isOwn;
      },
      (_, response) => void response.end('by a route'),
      () => stopping,
    ),
  );
});
afterAll(() => front.close());

const get = async (path: string) => {
  const answer = await fetch(front.url + path);
  return [answer.status, await answer.text()];
};

it('lets functions reach each other while the host stops, and nobody begin anything new', async () => {
  expect(await get('/v1/health')).toEqual([200, 'by a route']);
  expect(await get('/_functions/witness/')).toEqual([200, 'by its URL']);
  stopping = true;
  expect(await get('/v1/health')).toEqual([503, expect.stringContaining('"try-again"')]);
  expect(await get('/_functions/witness/')).toEqual([200, 'by its URL']);
});
