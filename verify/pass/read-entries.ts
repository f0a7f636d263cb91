import type { Folder } from '../folder/folder.ts';
import { bundlesOf, readBundle } from '../tree/bundles.ts';
import type { Visitor } from './leaf.ts';
import { readLeaf } from './read-leaf.ts';
import { StreamStates } from './stream-states.ts';

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
  const states = new StreamStates();
  let index = 0;
  for (let n = 0; n < bundlesOf(size); n += 1) {
    const bundle = readBundle(folder, n, size);
    if ('fault' in bundle) break;
    for (const bytes of bundle.entries) {
      const leaf = readLeaf(index, bytes);
      if (typeof leaf === 'string') wrong(index, leaf);
      else {
        leaf.state = states.of(leaf.glance.stream);
        for (const visitor of visitors) visitor.visit(leaf);
      }
      index += 1;
    }
    progress(index);
  }
  return index;
}
