import type { Folder } from '../folder/folder.ts';
import { bundlesOf, readBundle } from '../tree/bundles.ts';
import type { Visitor } from './leaf.ts';
import { readLeaf } from './read-leaf.ts';

/**
 * Shows every entry of the log to the visitors, bundle by bundle, up to the first bundle that is missing or broken.
 * @param wrong is told what is no entry.
 */
export function readEntries(
  folder: Folder,
  size: number,
  visitors: readonly Visitor[],
  wrong: (index: number, reason: string) => void,
  progress: (entries: number) => void,
): number {
  let index = 0;
  for (let n = 0; n < bundlesOf(size); n += 1) {
    const bundle = readBundle(folder, n, size);
    if ('fault' in bundle) break;
    for (const bytes of bundle.entries) {
      const leaf = readLeaf(index, bytes);
      if (typeof leaf === 'string') wrong(index, leaf);
      else for (const visitor of visitors) visitor.visit(leaf);
      index += 1;
    }
    progress(index);
  }
  return index;
}
