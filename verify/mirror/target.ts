import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { assertPlainPath } from '../folder/folder.ts';
import { NotMirrored } from './http.ts';

/** The folder that a mirror is written to. */
export interface Target {
  readonly place: string;
  put(path: string, bytes: Uint8Array | string): void;
  append(path: string, text: string): void;
  /** Takes it away again, unless it is to be kept. */
  end(): void;
}

/** @param save a new or empty folder to keep it in; a temporary one otherwise. @throws NotMirrored */
export async function mirrorTarget(save: string | undefined): Promise<Target> {
  const place = save ?? (await mkdtemp(join(tmpdir(), 'followthrough-verify-')));
  mkdirSync(place, { recursive: true });
  if (readdirSync(place).length > 0)
    throw new NotMirrored(
      `${place} is not empty: a mirror needs a folder of its own, so that nothing old is taken for new`,
    );
  const inside = (path: string): string => {
    assertPlainPath(path);
    const file = join(place, path);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  };
  return {
    place,
    put: (path, bytes) => writeFileSync(inside(path), bytes, { flag: 'wx' }),
    append: (path, text) => appendFileSync(inside(path), text),
    end: () => {
      if (save === undefined) rmSync(place, { recursive: true, force: true });
    },
  };
}
