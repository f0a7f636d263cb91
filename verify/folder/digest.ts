import { createHash } from 'node:crypto';
import type { Folder } from './folder.ts';

/** Length and SHA-256 (hexadecimal) of a file; null where there is none. */
export function digestOf(folder: Folder, path: string): { bytes: number; sha256: string } | null {
  const parts = folder.parts(path);
  if (parts === null) return null;
  const hash = createHash('sha256');
  let bytes = 0;
  for (const part of parts) {
    hash.update(part);
    bytes += part.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}
