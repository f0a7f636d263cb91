import type { Clock } from '../../../shared/runtime/clock.ts';
import type { Log } from '../../../shared/runtime/log.ts';
import { type Discovery, findingEntry } from '../../../shared/trail/of-record.ts';
import { type Taker, takeEntry } from './record-entry.ts';

/** The alarm on the trail's integrity counts log lines with this message. */
export const FINDING = 'integrity finding';

export interface Finder extends Taker {
  clock: Clock;
  log: Log;
}

/** Tells what does not fit: in the log of the function, where the alarm hears it, and in the trail. Found again, it is the same entry. */
export async function recordFinding(
  finding: Discovery<string>,
  deps: Finder,
  observer?: string,
): Promise<void> {
  deps.log.error(FINDING, { ...finding });
  await takeEntry(findingEntry(finding, deps.clock(), observer), deps);
}
