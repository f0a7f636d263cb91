import { afterAll, beforeAll, expect, it } from 'vitest';
import { type MadeLog, makeLog } from '../../../bench/log/made-log.ts';
import { diskFolder } from '../../../verify/folder/disk.ts';
import { verify } from '../../../verify/verify.ts';

const SIZE = 2300;
let log: MadeLog;
beforeAll(async () => {
  log = await makeLog(SIZE);
});
afterAll(() => log.remove());

it('makes a log that holds, and gives the verifier its policy and its checkpoints to check', async () => {
  const { verdict, entries, checks } = await verify(diskFolder(log.folder));
  expect({ verdict, entries }).toEqual({ verdict: 'holds', entries: SIZE });
  const done = checks.filter(({ status }) => status === 'holds').map(({ check }) => check);
  expect(done).toEqual(
    expect.arrayContaining(['witness-quorum', 'root', 'tiles', 'consistency', 'streams', 'merge-delay']),
  );
});
