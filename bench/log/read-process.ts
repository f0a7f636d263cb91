import { createHash } from 'node:crypto';
import { decodeBundle } from '../../shared/tlog/bundle.ts';
import { CompactRange } from '../../shared/tlog/merkle.ts';
import { entriesPath, newBundles } from '../../shared/tlog/tiles.ts';
import { diskFolder } from '../../verify/folder/disk.ts';
import { verify } from '../../verify/verify.ts';

/** `node read-process.ts <way> <folder> <size>`: reads a log once, in a process of its own, and tells what it took. */
export interface Read {
  seconds: number;
  /** Of the process, in bytes. */
  peakMemory: number;
}

export type Way = keyof typeof WAYS;

const WAYS = {
  /** All checks of the verifier that the folder has something for. */
  verify: async (folder: string, size: number): Promise<number> => {
    const began = performance.now();
    const { verdict, entries, checks } = await verify(diskFolder(folder));
    const took = performance.now() - began;
    if (verdict !== 'holds' || entries !== size)
      throw new Error(`${verdict}, ${entries} entries: ${JSON.stringify(checks, null, 1)}`);
    return took;
  },
  /** The leaf hashes and the root of the same bytes, in one thread. Reading them from the disk does not count. */
  tree: async (folder: string, size: number): Promise<number> => {
    const range = new CompactRange();
    return inMemory(folder, size, (entry) => range.appendBytes(entry));
  },
  /** One hash over all of them. */
  stream: async (folder: string, size: number): Promise<number> => {
    const hash = createHash('sha256');
    return inMemory(folder, size, (entry) => hash.update(entry));
  },
};

function inMemory(folder: string, size: number, hash: (entry: Uint8Array) => void): number {
  const disk = diskFolder(folder);
  let took = 0;
  for (const { n, width } of newBundles(0, size)) {
    const bundle = decodeBundle(disk.read(entriesPath(n, width), 1 << 24) ?? new Uint8Array(), width);
    if (!bundle.ok) throw new Error(bundle.reason);
    const began = performance.now();
    for (const entry of bundle.entries) hash(entry);
    took += performance.now() - began;
  }
  return took;
}

const [way = '', folder = '', size = ''] = process.argv.slice(2);
const milliseconds = await WAYS[way as Way](folder, Number(size));
const read: Read = { seconds: milliseconds / 1000, peakMemory: process.resourceUsage().maxRSS * 1024 };
process.stdout.write(JSON.stringify(read));
