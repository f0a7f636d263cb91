import { setTimeout as delay } from 'node:timers/promises';
import type { Waiting } from '../../../shared/store/log-pending.ts';
import { sequenceBatch } from './sequence-batch.ts';
import type { Sequencer } from './sequencer.ts';

/** The function has a minute; what is begun is finished in it. */
const GO_ON_MS = 45_000;
/** One that was faster is let go on. */
const LOST_MS = 50;

/** What still waits when a turn is over; the alarm on the merge delay reads `oldestMs` of lines with this message. */
export const WAITING = 'entries wait';

/** A marker begins with the time of its entry. */
const recordedAt = ({ marker }: Waiting): string => marker.slice(0, marker.indexOf('#'));

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
  const [oldest] = await deps.pending.after(null, 1);
  if (oldest) deps.log.info(WAITING, { oldestMs: Date.parse(deps.clock()) - Date.parse(recordedAt(oldest)) });
  return entries;
}
