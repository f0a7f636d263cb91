import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { diskFolder } from '../../verify/folder/disk.ts';
import { linesOf, MAX_LINE_BYTES } from '../../verify/folder/lines.ts';
import { memoryFolder } from '../../verify/folder/memory.ts';
import { verify } from '../../verify/verify.ts';
import { bundleOf, type Files, honestWorld } from '../kit/audit-world.ts';
import { checkpointOf, newKeys, progressEntries, vkeyOf, writeLog } from '../kit/log-maker.ts';

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'verify-test-'));
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

function write(files: Files): void {
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), bytes);
  }
}

const pipe = (path: string) => execFileSync('/bin/sh', ['-c', 'mkfifo "$0"', path]);

/** How each of these comes out: never a throw, never a hang, never an exit of 0. */
const HOSTILE: [string, 1 | 2, () => void][] = [
  [
    'a bundle that is a link',
    1,
    () => replace('tile/entries/000.p/10', (path) => symlinkSync('/dev/zero', path)),
  ],
  ['a bundle that is a pipe', 1, () => replace('tile/entries/000.p/10', (path) => pipe(path))],
  ['a bundle that is a folder', 1, () => replace('tile/entries/000.p/10', (path) => mkdirSync(path))],
  ['a tile that is a link', 1, () => replace('tile/0/000.p/10', (path) => symlinkSync('/dev/zero', path))],
  [
    'a folder of tiles that is a link',
    1,
    () => replace('tile/0', (path) => symlinkSync(join(place, 'tile/entries'), path)),
  ],
  ['records that are a link', 2, () => replace('records.jsonl', (path) => symlinkSync('/dev/zero', path))],
  ['records that are a pipe', 2, () => replace('records.jsonl', (path) => pipe(path))],
  ['a key that is a link', 2, () => replace('key', (path) => symlinkSync('/etc/hostname', path))],
  ['a checkpoint that is a folder', 2, () => replace('checkpoint', (path) => mkdirSync(path))],
  ['no checkpoint', 2, () => rmSync(join(place, 'checkpoint'))],
  ['no key', 2, () => rmSync(join(place, 'key'))],
  ['manifests that are a file', 2, () => replace('manifests', (path) => writeFileSync(path, ''))],
  [
    'a line that never ends',
    1,
    () => writeFileSync(join(place, 'rows.jsonl'), Buffer.alloc(2 * MAX_LINE_BYTES, 0x5b)),
  ],
  ['lines that nest for ever', 1, () => writeFileSync(join(place, 'states.jsonl'), `${'['.repeat(1e6)}\n`)],
  [
    'lines of every kind of JSON',
    1,
    () => {
      for (const path of [
        'rows.jsonl',
        'states.jsonl',
        'records.jsonl',
        'checkpoints.jsonl',
        'export/entries.jsonl',
        'manifests/2026-11-24',
      ])
        writeFileSync(
          join(place, path),
          ['null', '1', '"x"', '[]', '{}', '[null]', '{"id":1}', '{"__proto__":{}}', ''].join('\n'),
        );
    },
  ],
  [
    'a manifest of an export that is null',
    1,
    () => writeFileSync(join(place, 'export/manifest.json'), 'null'),
  ],
];

function replace(path: string, make: (path: string) => void): void {
  rmSync(join(place, path), { recursive: true });
  make(join(place, path));
}

describe('a hostile folder', () => {
  it.each(HOSTILE)('with %s: exit %i', async (_, exit, change) => {
    write(await bundleOf(honestWorld()));
    expect((await verify(diskFolder(place))).exit).toBe(0);
    change();
    const before = readdirSync(place, { recursive: true }).length;
    expect((await verify(diskFolder(place))).exit).toBe(exit);
    expect(readdirSync(place, { recursive: true }).length).toBe(before);
  });

  it.each([10 ** 9, 2 ** 47, 2 ** 53 - 1])('that claims %i entries is told from', async (size) => {
    const keys = newKeys();
    const files = await bundleOf({ ...honestWorld(), keys });
    files.set('checkpoint', Buffer.from(await checkpointOf(size, new Uint8Array(32), keys, null)));
    const began = performance.now();
    const report = await verify(memoryFolder(files));
    expect(report.exit).toBe(1);
    expect(report.checks.find(({ check }) => check === 'tree-size')?.status).toBe('finding');
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it('never leads out of itself', () => {
    write(new Map([['key', Buffer.from('x')]]));
    for (const path of ['../key', 'a/../key', '/etc/passwd', 'a//b', '.', '', 'a\0b', '..'])
      expect(() => diskFolder(join(place)).read(path, 10)).toThrow(/no name/);
  });
});

describe('a long log on a disk', () => {
  it('is verified in two threads, and each of its parts is told', { timeout: 120_000 }, async () => {
    const keys = newKeys();
    await writeLog(place, 70_001, progressEntries(700), keys);
    expect((await verify(diskFolder(place), { key: await vkeyOf(keys.log) })).exit).toBe(0);
    writeFileSync(join(place, 'tile/1/000'), Buffer.alloc(8192));
    const { checks } = await verify(diskFolder(place));
    expect(checks.filter(({ status }) => status === 'finding').map(({ check }) => check)).toEqual(['tiles']);
  });
});

describe('lines', () => {
  it('come whole, however their bytes are cut', () => {
    const bytes = Buffer.from('one\n\u00e9\n\nlast');
    for (let size = 1; size <= bytes.length; size += 1) {
      const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
        bytes.subarray(n * size, (n + 1) * size),
      );
      const lines = linesOf({ read: () => null, names: () => [], parts: () => parts }, 'x');
      expect([...(lines ?? [])]).toEqual([
        { at: 1, text: 'one' },
        { at: 2, text: '\u00e9' },
        { at: 3, text: '' },
        { at: 4, fault: 'does not end in a newline' },
      ]);
    }
  });

  it('are not read where they are not UTF-8', () => {
    const lines = linesOf(memoryFolder(new Map([['x', Buffer.from([0xff, 0x0a])]])), 'x');
    expect([...(lines ?? [])]).toEqual([{ at: 1, fault: 'is not UTF-8' }]);
  });
});
