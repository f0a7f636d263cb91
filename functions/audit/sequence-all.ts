import { setTimeout as delay } from 'node:timers/promises';
import { sequenceBatch } from './sequence-batch.ts';
import type { Sequencer } from './sequencer.ts';

/** The function has a minute; what is begun is finished in it. */
const GO_ON_MS = 45_000;
/** One that was faster is let go on. */
const LOST_MS = 50;

/** Sequences batch after batch until nothing waits, or the time is over. Answers how many entries came into the log. */
export async function sequenceAll(
  deps: Sequencer,
  now: () => number = () => performance.now(),
): Promise<number> {
  const start = now();
  let entries = 0;
  do {
    const done = await sequenceBatch(deps);
    if (done.outcome === 'idle') break;
    if (done.outcome === 'done') entries += done.entries;
    else await delay(Math.random() * LOST_MS);
  } while (now() - start < GO_ON_MS);
  if (entries > 0) deps.log.info('sequenced', { entries, ms: Math.round(now() - start) });
  return entries;
}
