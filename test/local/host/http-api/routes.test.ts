import { describe, expect, it } from 'vitest';
import { makeRouter } from '../../../../local/host/http-api/routes.ts';

const keys = [
  '$default',
  'ANY /{proxy+}',
  'GET /v1/things',
  'GET /v1/things/{id}',
  'ANY /v1/things/{id}',
  'GET /v1/things/new',
  'POST /v1/things/{id}/parts/{part}',
  'GET /v1/{kind}/new/first',
  'GET /tiles/{path+}',
  'GET /tiles/entries/{path+}',
  'GET /{kind}/end',
];
const router = makeRouter(keys.map((key) => ({ key, target: key })));
const withoutDefault = makeRouter([{ key: 'GET /a', target: 1 }]);

describe('routes', () => {
  it.each([
    ['GET', '/v1/things', 'GET /v1/things', undefined],
    ['GET', '/v1/things/new', 'GET /v1/things/new', undefined],
    ['GET', '/v1/things/7', 'GET /v1/things/{id}', { id: '7' }],
    ['DELETE', '/v1/things/7', 'ANY /v1/things/{id}', { id: '7' }],
    ['DELETE', '/v1/things/new', 'ANY /v1/things/{id}', { id: 'new' }],
    ['POST', '/v1/things/a%2Fb/parts/%C3%A9', 'POST /v1/things/{id}/parts/{part}', { id: 'a/b', part: 'é' }],
    ['GET', '/v1/other/new/first', 'GET /v1/{kind}/new/first', { kind: 'other' }],
    ['GET', '/tiles/0/x001/2', 'GET /tiles/{path+}', { path: '0/x001/2' }],
    ['GET', '/tiles/entries/x001/234.p%2F5', 'GET /tiles/entries/{path+}', { path: 'x001/234.p/5' }],
    ['GET', '/tiles/entries', 'GET /tiles/{path+}', { path: 'entries' }],
    // A full match comes before a greedy one, however specific that is.
    ['GET', '/tiles/end', 'GET /{kind}/end', { kind: 'tiles' }],
    ['GET', '/tiles', 'ANY /{proxy+}', { proxy: 'tiles' }],
    ['GET', '/', '$default', undefined],
  ])('%s %s', (method, path, key, parameters) => {
    const match = router(method, path);
    expect(match?.route.key).toBe(key);
    expect(match?.pathParameters).toEqual(parameters);
  });

  it.each([
    ['POST', '/a'],
    ['GET', '/a/b'],
    ['GET', '/'],
    ['GET', '/A'],
  ])('nothing answers %s %s', (method, path) => {
    expect(withoutDefault(method, path)).toBeUndefined();
  });

  it('keeps what cannot be decoded', () => {
    expect(router('GET', '/v1/things/%zz')?.pathParameters).toEqual({ id: '%zz' });
  });
});
