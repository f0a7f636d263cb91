/** Does work ahead of who takes it, so many at once, and hands the results out in order. */
export async function* ahead<T, R>(
  things: Iterable<T>,
  atOnce: number,
  work: (thing: T) => Promise<R>,
): AsyncGenerator<R> {
  const under: Promise<R>[] = [];
  const start = (thing: T): void => {
    const promise = work(thing);
    // Whoever stops taking does not hear of what failed behind it.
    promise.catch(() => {});
    under.push(promise);
  };
  for (const thing of things) {
    start(thing);
    const first = under.length >= atOnce ? under.shift() : undefined;
    if (first) yield await first;
  }
  for (const promise of under) yield await promise;
}
