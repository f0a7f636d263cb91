import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
} from 'node:fs';
import { join } from 'node:path';
import { assertPlainPath, type Folder, Unreadable } from './folder.ts';

const PART_BYTES = 1 << 20;

/** A folder on the disk. It follows no link: what it reads lies in the folder. @throws Unreadable */
export function diskFolder(given: string): Folder {
  const place = rootOf(given);
  /** Folders that were looked at: none of them is a link. */
  const known = new Set<string>();

  function parentsAreFolders(path: string): boolean {
    const names = path.split('/').slice(0, -1);
    for (let depth = 1; depth <= names.length; depth += 1) {
      const parent = names.slice(0, depth).join('/');
      if (known.has(parent)) continue;
      const stat = lstatSync(join(place, parent), { throwIfNoEntry: false });
      if (!stat) return false;
      if (!stat.isDirectory())
        throw new Unreadable(parent, 'is not a folder of its own (links are not followed)');
      known.add(parent);
    }
    return true;
  }

  /** Opens a file without waiting for a pipe's other end, and without following a link. */
  function open(path: string): number | null {
    assertPlainPath(path);
    try {
      if (!parentsAreFolders(path)) return null;
      return openSync(join(place, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return null;
      throw unreadable(path, error);
    }
  }

  function withFile<T>(path: string, use: (file: number, size: number) => T): T | null {
    const file = open(path);
    if (file === null) return null;
    try {
      return use(file, sizeOf(file, path));
    } catch (error) {
      throw unreadable(path, error);
    } finally {
      closeSync(file);
    }
  }

  return {
    place,
    read: (path, most) =>
      withFile(path, (file, size) => fill(file, Buffer.allocUnsafe(Math.min(size, most + 1)))),
    parts(path) {
      const file = open(path);
      return file === null ? null : partsOf(file, path);
    },
    names(path) {
      assertPlainPath(path);
      try {
        if (!parentsAreFolders(`${path}/.`)) return [];
        return readdirSync(join(place, path)).sort();
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return [];
        throw unreadable(path, error);
      }
    },
  };
}

function rootOf(given: string): string {
  try {
    const place = realpathSync(given);
    if (!lstatSync(place).isDirectory()) throw new Unreadable(given, 'is not a folder');
    return place;
  } catch (error) {
    throw unreadable(given, error);
  }
}

function sizeOf(file: number, path: string): number {
  const stat = fstatSync(file);
  if (!stat.isFile()) throw new Unreadable(path, 'is not a file');
  return stat.size;
}

function fill(file: number, buffer: Buffer): Buffer {
  let at = 0;
  while (at < buffer.length) {
    const read = readSync(file, buffer, at, buffer.length - at, null);
    if (read === 0) break;
    at += read;
  }
  return buffer.subarray(0, at);
}

function* partsOf(file: number, path: string): Iterable<Uint8Array> {
  try {
    sizeOf(file, path);
    for (;;) {
      const part = fill(file, Buffer.allocUnsafe(PART_BYTES));
      if (part.length > 0) yield part;
      if (part.length < PART_BYTES) return;
    }
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    closeSync(file);
  }
}

const codeOf = (error: unknown): string => String((error as { code?: unknown })?.code ?? '');

const REASONS: Record<string, string> = {
  ELOOP: 'is a link, and links are not followed',
  EACCES: 'may not be read by you',
  EISDIR: 'is a folder where a file should be',
  ENOTDIR: 'is a file where a folder should be',
  ENOENT: 'is not there',
  ENXIO: 'is not a file',
};

const unreadable = (path: string, error: unknown): Error =>
  codeOf(error) === ''
    ? (error as Error)
    : new Unreadable(path, REASONS[codeOf(error)] ?? `cannot be read (${codeOf(error)})`);
