import type { LogObjects } from '../../shared/store/log-objects.ts';

/** The bucket of the log in memory: what is there stays. */
export function memoryObjects() {
  const objects = new Map<string, Uint8Array>();
  const store: LogObjects = {
    async putNew(key, bytes) {
      if (objects.has(key)) return false;
      objects.set(key, Uint8Array.from(bytes));
      return true;
    },
    get: async (key) => objects.get(key) ?? null,
    async *list(prefix, after) {
      for (const key of [...objects.keys()].sort()) if (key.startsWith(prefix) && key > after) yield key;
    },
  };
  return { ...store, objects };
}
