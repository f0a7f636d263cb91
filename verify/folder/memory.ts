import { assertPlainPath, type Folder } from './folder.ts';

/** A folder of files that are held in memory, by their paths. */
export const memoryFolder = (files: ReadonlyMap<string, Uint8Array>): Folder => ({
  read(path, most) {
    assertPlainPath(path);
    return files.get(path)?.subarray(0, most + 1) ?? null;
  },
  parts(path) {
    assertPlainPath(path);
    const bytes = files.get(path);
    return bytes === undefined ? null : [bytes];
  },
  names(path) {
    const names = new Set<string>();
    for (const file of files.keys())
      if (file.startsWith(`${path}/`)) names.add(file.slice(path.length + 1).split('/', 1)[0] ?? '');
    return [...names].sort();
  },
});
