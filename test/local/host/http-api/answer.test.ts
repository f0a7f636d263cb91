import { describe, expect, it } from 'vitest';
import { answerOf } from '../../../../local/host/http-api/answer.ts';

const answer = (value: unknown) => answerOf(JSON.stringify(value));

describe('the answer of a function', () => {
  it('is a response when it has a status', () => {
    const found = answer({
      statusCode: 201,
      headers: { ETag: '"v1"', 'X-N': 3 },
      cookies: ['a=1', 'b=2'],
      body: 'x',
    });
    expect(found).toEqual({
      statusCode: 201,
      headers: {
        etag: '"v1"',
        'x-n': '3',
        'set-cookie': ['a=1', 'b=2'],
        'content-type': 'text/plain; charset=utf-8',
      },
      body: 'x',
    });
  });

  it('is decoded when it is in base64', () => {
    const body = Buffer.from([0, 255]).toString('base64');
    expect(answer({ statusCode: 200, body, isBase64Encoded: true }).body).toEqual(Buffer.from([0, 255]));
  });

  it.each([
    [{ a: 1 }, '{"a":1}'],
    ['text', 'text'],
    [[1], '[1]'],
    [null, 'null'],
  ])('%j without a status is the body of a 200 in JSON', (value, body) => {
    expect(answer(value)).toEqual({ statusCode: 200, headers: { 'content-type': 'application/json' }, body });
  });

  it.each(['no', 20, 1000, null])('with the status %j is an internal error', (statusCode) => {
    expect(answer({ statusCode }).statusCode).toBe(500);
  });
});
