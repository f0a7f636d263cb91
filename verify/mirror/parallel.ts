/** So many requests are under way at a time: a local system has two cores. */
export const AT_ONCE = 8;

/** What is told while it goes on. */
export type Tell = (what: string, done?: number, of?: number) => void;

/** Does something for each item, so many at a time; the first failure ends it, and is thrown once all that had begun are done. */
export async function inParallel<T>(
  items: Iterable<T>,
  atOnce: number,
  each: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  let failure: { error: unknown } | null = null;
  const worker = async () => {
    for (let next = rest.next(); !next.done && !failure; next = rest.next()) {
      try {
        await each(next.value);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (failure) throw (failure as { error: unknown }).error;
}
