import { expect, it, vi } from 'vitest';
import * as z from 'zod/mini';
import type { FieldError } from '../../../shared/commitment/rejection.ts';
import { readBody } from '../../../shared/lambda/body.ts';
import { readCommand } from '../../../shared/lambda/command.ts';
import { problem } from '../../../shared/lambda/problem.ts';
import { callOf } from '../../kit/call.ts';

const schema = z.strictObject({ progress: z.int() });
const invalid = vi.fn((errors: FieldError[]) => problem('invalid-body', 'no', { errors }));

const read = (body: string, type: string, headers: Record<string, string>) =>
  readCommand(callOf('/', { headers, body: () => readBody(Buffer.from(body), type) }), schema, invalid);

it('gives the fields as the schema reads them, and the body as it was sent', async () => {
  const command = await read('progress=40&_version=3', 'application/x-www-form-urlencoded', {
    'idempotency-key': 'k',
  });
  expect(command).toEqual({
    key: 'k',
    version: 3,
    body: { value: { progress: '40' }, form: true },
    fields: { progress: 40 },
  });
});

it('lets the caller say what is invalid, and only that', async () => {
  invalid.mockClear();
  expect(await read('{"progress":"x"}', 'application/json', { 'idempotency-key': 'k' })).toMatchObject({
    status: 422,
    body: { errors: [{ pointer: '/progress' }] },
  });
  expect(invalid).toHaveBeenCalledTimes(1);
  expect(await read('{"progress":"x"}', 'application/json', {})).toMatchObject({
    status: 400,
    body: { code: 'idempotency-key-missing' },
  });
  expect(invalid).toHaveBeenCalledTimes(1);
});
