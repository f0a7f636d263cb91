/** Where a log is read from. Paths are relative, made here and never taken from what is read; nothing is written. */
export interface Folder {
  /**
   * The bytes of a file; null where there is none. Of a longer one it gives one byte more than `most`, which is enough to see that.
   * @throws Unreadable
   */
  read(path: string, most: number): Uint8Array | null;
  /** The bytes of a file in parts; null where there is none. @throws Unreadable */
  parts(path: string): Iterable<Uint8Array> | null;
  /** The names in a folder, sorted; empty where there is none. @throws Unreadable */
  names(path: string): string[];
  /** Where it lies on the disk, for another thread to read it too. */
  readonly place?: string;
}

/** Something is there, and cannot be read or is not to be trusted with it: a link, a pipe, a folder in the place of a file. */
export class Unreadable extends Error {
  readonly path: string;

  constructor(path: string, reason: string) {
    super(`${path}: ${reason}`);
    this.path = path;
  }
}

/** A path has to be made of plain names: this is what keeps every read inside the folder. */
export function assertPlainPath(path: string): void {
  const plain = path.split('/').every((name) => /^[A-Za-z0-9_][A-Za-z0-9._-]{0,200}$/.test(name));
  if (!plain) throw new Unreadable(path, 'this is no name of a file in such a folder');
}
