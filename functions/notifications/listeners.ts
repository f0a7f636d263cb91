import { type CompiledPattern, compilePattern, matchesPattern } from '../../shared/event-pattern/pattern.ts';
import type { CloudEvent } from '../../shared/store/cloud-event.ts';
import type { Directory, Listener } from '../../shared/store/directory.ts';

/** The ids of the subscriptions that an event is told to. */
export type WhoListens = (event: CloudEvent) => string[];

type Compiled = Listener & { pattern: CompiledPattern | null };

/** Answers for one batch. The listeners are read again only when their directory has changed, which one small read tells. */
export function knownListeners(store: Directory): () => Promise<WhoListens> {
  let version = -1;
  let known: Compiled[] = [];
  return async () => {
    const current = await store.directoryVersion();
    if (current !== version) {
      // Read after the version: what they are newer than it only makes the next batch read them again.
      known = (await store.listeners()).flatMap(compile);
      version = current;
    }
    const listeners = known;
    return (event) => listeners.filter((listener) => hears(listener, event)).map(({ id }) => id);
  };
}

/** A filter was compiled before it was taken; one that no longer compiles listens to nothing. */
function compile(listener: Listener): Compiled[] {
  if (listener.filter === null) return [{ ...listener, pattern: null }];
  const compiled = compilePattern(listener.filter);
  return compiled.ok ? [{ ...listener, pattern: compiled.pattern }] : [];
}

/** A subscription hears what happened after it was made or switched on. */
const hears = ({ since, pattern }: Compiled, event: CloudEvent): boolean =>
  event.time > since && (pattern === null || matchesPattern(pattern, event));
