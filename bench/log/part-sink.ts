import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ExportObjects } from '../../shared/store/export-objects.ts';

/**
 * Takes the place of the bucket of exports: parts go to a file as they come. The local object store holds whole objects in memory, and
 * a million rows are a gigabyte.
 */
export function partSink(
  folder: string,
): Pick<ExportObjects, 'put' | 'get' | 'read' | 'begin' | 'part' | 'complete' | 'abandon' | 'link'> {
  const files = new Map<string, number>();
  const pathOf = (key: string) => join(folder, key.replaceAll('/', '_'));
  const write = (key: string, bytes: Uint8Array): void => {
    const file = files.get(key) ?? openSync(pathOf(key), 'w');
    files.set(key, file);
    writeSync(file, bytes);
  };
  const close = (key: string): void => {
    const file = files.get(key);
    if (file !== undefined) closeSync(file);
    files.delete(key);
  };
  const never = (): never => {
    throw new Error('an export that goes well does not need this');
  };
  return {
    async put(key, bytes) {
      write(key, bytes);
      close(key);
    },
    get: never,
    async *read(key, start = 0) {
      yield* createReadStream(pathOf(key), { start }) as AsyncIterable<Uint8Array>;
    },
    begin: async (key) => key,
    async part(key, _, n, bytes) {
      write(key, bytes);
      return { n, etag: createHash('md5').update(bytes).digest('hex') };
    },
    complete: async (key) => close(key),
    abandon: never,
    link: never,
  };
}
