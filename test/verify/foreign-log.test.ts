import { describe, expect, test } from 'vitest';
import { diskFolder } from '../../verify/folder/disk.ts';
import { verify } from '../../verify/verify.ts';
import { conformance } from '../kit/conformance.ts';

/** The public key of Tessera's test logs, as its own tests give it. */
const VKEY = 'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx';

const log = conformance('tlog/tessera-log');

describe('a log that Tessera wrote', () => {
  test.skipIf(!log.present)(
    `has a tree that holds, of entries that are not ours${log.present ? '' : `: ${log.notice}`}`,
    async () => {
      const { checks } = await verify(diskFolder(log.present ? log.path : ''), { key: VKEY });
      const statuses = Object.fromEntries(checks.map(({ check, status }) => [check, status]));
      expect(statuses).toMatchObject({
        key: 'holds',
        'checkpoint-signature': 'holds',
        'tree-size': 'holds',
        root: 'holds',
        tiles: 'holds',
        entries: 'finding',
      });
      expect(checks.find(({ check }) => check === 'tiles')?.counts).toEqual({ tiles: 29 });
      expect(checks.find(({ check }) => check === 'entries')?.total).toBe(15);
    },
  );
});
