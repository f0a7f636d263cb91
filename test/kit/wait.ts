import { setTimeout as delay } from 'node:timers/promises';

/** Looks until `look` gives something other than undefined, or throws what it last threw when the time is over. */
export async function until<T>(look: () => Promise<T | undefined> | T | undefined, seconds = 30): Promise<T> {
  const end = performance.now() + seconds * 1000;
  let failure: unknown = new Error(`nothing came in ${seconds} s`);
  while (performance.now() < end) {
    try {
      const found = await look();
      if (found !== undefined) return found;
    } catch (error) {
      failure = error;
    }
    await delay(50);
  }
  throw failure;
}
