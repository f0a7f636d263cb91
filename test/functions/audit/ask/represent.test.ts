import { expect, it } from 'vitest';
import { csvRow } from '../../../../functions/audit/ask/represent.ts';

it('quotes what RFC 4180 wants quoted, and lets no cell be a formula', () => {
  expect(csvRow(['a', 1, null, undefined, -5])).toBe('a,1,,,-5\r\n');
  expect(csvRow(['a,b', 'say "x"', 'one\ntwo'])).toBe('"a,b","say ""x""","one\ntwo"\r\n');
  expect(csvRow(['=1+1', '+1', '-1', '@sum', '\tx', '=HYPERLINK("x")'])).toBe(
    `'=1+1,'+1,'-1,'@sum,'\tx,"'=HYPERLINK(""x"")"\r\n`,
  );
});
