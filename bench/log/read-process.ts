import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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
  /** All of them written to a file, a line each; reading them counts. */
  copy: async (folder: string, size: number): Promise<number> => {
    const path = join(mkdtempSync(join(tmpdir(), 'followthrough-bench-copy-')), 'lines');
    const file = openSync(path, 'w');
    const began = performance.now();
    let lines: Uint8Array[] = [];
    inMemory(folder, size, (entry) => {
      lines.push(entry, NEWLINE);
      if (lines.length < LINES) return;
      writeSync(file, Buffer.concat(lines));
      lines = [];
    });
    writeSync(file, Buffer.concat(lines));
    const took = performance.now() - began;
    closeSync(file);
    rmSync(dirname(path), { recursive: true });
    return took;
  },
};

const NEWLINE = Buffer.from('\n');
const LINES = 20_000;

/** Milliseconds in `hash` alone. */
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
