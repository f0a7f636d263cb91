import { expect, it } from 'vitest';
import { isId, newId } from '../../../shared/runtime/ids.ts';

it('draws ids that sort by their time and are known again', () => {
  const [early, late] = [newId('cmt', 1_700_000_000_000), newId('cmt', 1_700_000_000_001)];
  expect(early < late).toBe(true);
  expect(isId(early)).toBe(true);
  expect(isId(early, 'cmt')).toBe(true);
  expect(isId(early, 'rsp')).toBe(false);
});

it.each([
  '',
  'cmt_',
  `cmt_${'0'.repeat(25)}`,
  `cmt_${'0'.repeat(27)}`,
  `cmt_${'u'.repeat(26)}`,
  `CMT_${'0'.repeat(26)}`,
])('knows %j for none', (text) => {
  expect(isId(text)).toBe(false);
});
