import { describe, expect, it } from 'vitest';
import { memoryFolder } from '../../verify/folder/memory.ts';
import { verify } from '../../verify/verify.ts';
import { bundleOf, honestWorld } from '../kit/audit-world.ts';

/**
 * What nobody signed and nothing else in a bundle tells again, so that it may be changed without a trace: who made an export, when and
 * with which release; and the time that the log itself tells of a checkpoint, between its newest entry and its witness's signature.
 */
const FREE: Record<string, RegExp> = {
  'export/manifest.json': /^ {2}"(?:product|exportId|madeAt)": "(.*)"|^ {4}"(?:id|role)": "(.*)"/dgm,
  'checkpoints.jsonl': /"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:(\d\d\.\d{3})Z"/dg,
};

describe('a small bundle', () => {
  it('does not hold with any one of its bytes changed', { timeout: 600_000 }, async () => {
    const files = await bundleOf(honestWorld({ small: true }));
    expect(await verify(memoryFolder(files))).toMatchObject({ verdict: 'holds' });
    const survived: string[] = [];
    for (const [path, honest] of files) {
      const bytes = Uint8Array.from(honest);
      files.set(path, bytes);
      for (let at = 0; at < bytes.length; at += 1) {
        const byte = bytes[at] ?? 0;
        bytes[at] = byte ^ 0x01;
        const { exit } = await verify(memoryFolder(files));
        if (exit === 0 && !isFree(path, honest, at)) survived.push(placeOf(path, honest, at));
        bytes[at] = byte;
      }
      files.set(path, honest);
    }
    expect(survived).toEqual([]);
  });
});

function isFree(path: string, bytes: Uint8Array, at: number): boolean {
  const found = [
    ...Buffer.from(bytes)
      .toString('latin1')
      .matchAll(FREE[path] ?? /$^/dg),
  ];
  return found.some(({ indices }) =>
    indices?.slice(1).some((range) => range && range[0] <= at && at < range[1]),
  );
}

const placeOf = (path: string, bytes: Uint8Array, at: number): string =>
  `${path} ${at}: ${Buffer.from(bytes.subarray(Math.max(0, at - 30), at)).toString()}>>${Buffer.from(bytes.subarray(at, at + 10)).toString()}`;
