import type { ExportJob, FinishedObject } from '../../../shared/store/export-job.ts';
import type { ExportObjects } from '../../../shared/store/export-objects.ts';
import { checkpointPath, manifestPath } from '../../../shared/store/log-objects.ts';
import { entriesPath, newBundles, newTiles, tilePath } from '../../../shared/tlog/tiles.ts';
import { ROW_FILES } from '../../../shared/trail/export-manifest.ts';
import { ahead } from './export-ahead.ts';
import type { Chunk, Writing } from './export-chunk.ts';
import { type LogFiles, objectAt } from './export-leaves.ts';
import { tarEnd, tarHeader, tarPadding } from './export-tar.ts';

export interface FolderNeeds {
  files: LogFiles;
  objects: Pick<ExportObjects, 'read'>;
  /** The log's key, and whose signatures count, as texts. */
  key(): Promise<string>;
  policy(): Promise<string>;
}

export const INNER_MANIFEST = 'export-manifest.json';

/** Where the objects that were written before stand in the folder, those that belong to it. */
const PIECES: Record<string, string> = {
  'checkpoints.jsonl': 'checkpoints.jsonl',
  'records.jsonl': 'records.jsonl',
  'states.jsonl': 'states.jsonl',
  'rows.jsonl': 'rows.jsonl',
  [INNER_MANIFEST]: 'export/manifest.json',
  [ROW_FILES.jsonl.name]: `export/${ROW_FILES.jsonl.name}`,
};

/** A file of the folder: read whole, or where it is an object that was written before, as it comes. */
type Member = { path: string } & ({ get(): Promise<Uint8Array> } | { piece: FinishedObject });

/** A small file, or a bundle of 4 MB at most. */
const FILES_AHEAD = 8;

/** One archive that unpacks to a folder which the offline verifier takes: the whole log up to the checkpoint, and what it is held against. */
export const folderOf = (job: ExportJob, needs: FolderNeeds): Writing => ({
  ...ROW_FILES.bundle,
  shown: true,
  async *from(position) {
    const [begun = 0, offset = 0] = (position ?? []) as readonly number[];
    const members = membersOf(job, needs);
    const time = Math.floor(Date.parse(job.createdAt) / 1000);
    if (begun > members.length) return;
    const rest = members.slice(begun).entries();
    const read = ahead(rest, FILES_AHEAD, async ([at, member]) => ({
      at: begun + at,
      member,
      bytes: 'get' in member ? await member.get() : null,
    }));
    for await (const { at, member, bytes } of read) {
      const progress = at / members.length;
      if ('piece' in member) yield* piece(member, at === begun ? offset : 0, { needs, at, progress, time });
      else if (bytes) {
        const parts = [tarHeader(member.path, bytes.length, time), bytes, tarPadding(bytes.length)];
        yield { bytes: Buffer.concat(parts), rows: 0, after: [at + 1], progress };
      }
    }
    yield { bytes: tarEnd(), rows: 0, after: [members.length + 1], progress: 1 };
  },
});

interface Place {
  needs: FolderNeeds;
  at: number;
  progress: number;
  time: number;
}

async function* piece(
  { path, piece }: Extract<Member, { piece: FinishedObject }>,
  offset: number,
  { needs, at, progress, time }: Place,
): AsyncGenerator<Chunk> {
  const { key, bytes: size } = piece;
  if (offset === 0) yield { bytes: tarHeader(path, size, time), rows: 0, after: null, progress };
  let gone = offset;
  if (gone < size)
    for await (const bytes of needs.objects.read(key, offset)) {
      gone += bytes.length;
      // At the end of the object the padding is still to come.
      yield { bytes, rows: 0, after: gone < size ? [at, gone] : null, progress };
    }
  if (gone !== size) throw new Error(`${key} has ${gone} bytes, not ${size}`);
  yield { bytes: tarPadding(size), rows: 0, after: [at + 1], progress };
}

function membersOf(job: ExportJob, { files, key, policy }: FolderNeeds): Member[] {
  const { checkpoint: size, work } = job;
  const text = (path: string, read: () => Promise<string>): Member => ({
    path,
    get: async () => Buffer.from(await read()),
  });
  const object = (path: string, from = path): Member => ({ path, get: () => objectAt(files, from) });
  const days = new Set(work.finished.flatMap(({ learned }) => learned.days ?? []));
  return [
    object('checkpoint', checkpointPath(size)),
    text('key', key),
    text('policy', policy),
    ...work.finished.flatMap((piece): Member[] => {
      const path = PIECES[piece.name];
      return path === undefined ? [] : [{ path, piece }];
    }),
    ...[...days].map((day) => object(manifestPath(day))),
    ...newTiles(0, size).map(({ level, n, width }) => object(tilePath(level, n, width))),
    ...newBundles(0, size).map(({ n, width }) => object(entriesPath(n, width))),
  ];
}
