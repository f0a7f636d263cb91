import { expect, it } from 'vitest';
import { isNameOf } from '../../bench/tables.ts';

it('tells the table of the log from the others of its stack', () => {
  expect(isNameOf('log', 'FollowthroughAudit-LogTable')).toBe(true);
  expect(isNameOf('log', 'FollowthroughAudit-AuditTable')).toBe(false);
  expect(isNameOf('audit', 'FollowthroughAudit-LogTable')).toBe(false);
});
