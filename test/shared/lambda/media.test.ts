import { expect, it } from 'vitest';
import { preferred } from '../../../shared/lambda/media.ts';

const OFFERED = ['application/json', 'application/jsonl', 'text/csv'] as const;

it.each<[string | undefined, string | null]>([
  [undefined, 'application/json'],
  ['*/*', 'application/json'],
  ['text/csv', 'text/csv'],
  ['TEXT/CSV', 'text/csv'],
  ['text/html, */*;q=0.1', 'application/json'],
  ['application/json;q=0.5, text/csv', 'text/csv'],
  ['application/*, application/json;q=0', 'application/jsonl'],
  ['text/csv;q=0', null],
  ['text/html', null],
])('takes %j for %j', (accept, type) => {
  expect(preferred(accept, OFFERED)).toBe(type);
});
