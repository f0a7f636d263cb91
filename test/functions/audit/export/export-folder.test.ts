import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Before, Chunk } from '../../../../functions/audit/export/export-chunk.ts';
import { folderOf, INNER_MANIFEST } from '../../../../functions/audit/export/export-folder.ts';
import { tarHeader } from '../../../../functions/audit/export/export-tar.ts';
import type { ExportJob, Position } from '../../../../shared/store/export-job.ts';
import { checkpointPath } from '../../../../shared/store/log-objects.ts';
import { newTiles, tilePath } from '../../../../shared/tlog/tiles.ts';
import { entryAt, logOf, needsOf } from '../../../kit/export-log.ts';

const SIZE = 700;
const log = logOf(Array.from({ length: SIZE }, (_, n) => entryAt(n)));
log.files.set(checkpointPath(SIZE), Buffer.from('the note\n'));
log.files.set('manifests/2026-11-02', Buffer.from('["a",1,"b"]\n'));
for (const { level, n, width } of newTiles(0, SIZE))
  log.files.set(tilePath(level, n, width), Buffer.alloc(32 * width, level + n));

/** Objects that were written before, some of them cut where a block of an archive is full. */
const pieces: Record<string, Buffer> = {
  'entries.jsonl': Buffer.alloc(512 * 40, 'e'),
  [INNER_MANIFEST]: Buffer.from('{}\n'),
  'states.jsonl': Buffer.alloc(0),
  'records.jsonl': Buffer.alloc(100_001, 'r'),
  'rows.jsonl': Buffer.alloc(3333, 'w'),
  'checkpoints.jsonl': Buffer.from('{"size":1}\n'),
};

const job = {
  id: 'exp_1',
  checkpoint: SIZE,
  createdAt: '2026-11-24T00:00:00.000Z',
  work: {
    attempt: 1,
    finished: Object.entries(pieces).map(([name, bytes]) => ({
      name,
      key: name,
      bytes: bytes.length,
      sha256: '',
      rows: 0,
      learned: name === 'rows.jsonl' ? { days: ['2026-11-02'] } : {},
    })),
  },
} as unknown as ExportJob;

const needs = needsOf(log, {
  async *read(key, from = 0) {
    const bytes = pieces[key] ?? Buffer.alloc(0);
    for (let at = from; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
  },
});

const nothing: Before = { kept: [], bytes: 0, learned: {} };
async function chunksFrom(position: Position | null, most = Infinity): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for await (const chunk of folderOf(job, needs).from(position, nothing)) {
    chunks.push(chunk);
    if (chunks.length >= most && chunk.after) break;
  }
  return chunks;
}
const joined = (chunks: readonly Chunk[]) => Buffer.concat(chunks.map(({ bytes }) => bytes));

let whole: Buffer;
let dir: string;
beforeAll(async () => {
  whole = joined(await chunksFrom(null));
  dir = mkdtempSync(join(tmpdir(), 'followthrough-bundle-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('a bundle', () => {
  it('unpacks with tar to the folder that the verifier takes', () => {
    writeFileSync(join(dir, 'bundle.tar'), whole);
    mkdirSync(join(dir, 'folder'));
    execFileSync('tar', ['-xf', join(dir, 'bundle.tar'), '-C', join(dir, 'folder')]);
    const read = (path: string) => readFileSync(join(dir, 'folder', path));
    expect(read('checkpoint').toString()).toBe('the note\n');
    expect(read('key').toString()).toBe('the key');
    expect(read('policy').toString()).toBe('the policy\n');
    expect(read('export/manifest.json')).toEqual(pieces[INNER_MANIFEST]);
    expect(read('export/entries.jsonl')).toEqual(pieces['entries.jsonl']);
    for (const name of ['records.jsonl', 'states.jsonl', 'rows.jsonl', 'checkpoints.jsonl'])
      expect(read(name)).toEqual(pieces[name]);
    for (const [path, bytes] of log.files)
      if (!path.startsWith('checkpoints/')) expect(Buffer.compare(read(path), bytes)).toBe(0);
    const files = readdirSync(join(dir, 'folder'), { recursive: true, withFileTypes: true });
    expect(files.filter((file) => file.isFile())).toHaveLength(log.files.size - 1 + 3 + 6);
  });

  it('goes on from any of its positions to the same bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 6 }), async (cuts) => {
        const chunks: Chunk[] = [];
        let position: Position | null = null;
        for (const most of cuts) {
          chunks.push(...(await chunksFrom(position, most)));
          position = chunks.at(-1)?.after ?? null;
        }
        chunks.push(...(await chunksFrom(position)));
        expect(joined(chunks).equals(whole)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('says how long a file is that eleven octal digits can not tell', () => {
    const size = 20 * 1024 ** 3;
    writeFileSync(join(dir, 'large.tar'), tarHeader('records.jsonl', size, 0));
    const list = execFileSync('sh', ['-c', `tar -tvf ${join(dir, 'large.tar')} 2>/dev/null; true`]);
    expect(list.toString()).toContain(String(size));
  });
});
