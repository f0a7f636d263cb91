import type { Clock } from '../../../shared/runtime/clock.ts';
import type { Log } from '../../../shared/runtime/log.ts';
import type { Act, Acts } from '../../../shared/store/acts.ts';
import type { AnonymousCounts } from '../../../shared/store/anonymous-counts.ts';

export interface Counter {
  counts: AnonymousCounts;
  acts: Pick<Acts, 'put'>;
  newCommandId: () => string;
  clock: Clock;
  log: Log;
}

/** A request is counted in the minute in which it came, within the 29 s that a function may take to answer it. */
const GRACE_MS = 30_000;
/** What was told is looked at again for so long, should a count have come in late after all. */
const LOOK_BACK_MS = 30 * 60_000;
/** Where nothing was told yet. */
const BEGINNING_MS = 2 * 86_400_000;
/** Two reads and a transaction each; the next run goes on from there. */
const MOST = 500;

const minuteAt = (ms: number): string => new Date(ms).toISOString().slice(0, 16);
const msOf = (minute: string): number => Date.parse(`${minute}:00.000Z`);

/**
 * Tells the trail of requests that nobody was behind: one act for each minute that is over and each code, and one more for what came in
 * late. What was told is marked in the same transaction, so that nothing is told twice, and nothing is left out after an outage.
 * @returns how many acts there were.
 */
export async function countAnonymous({ counts, acts, newCommandId, clock, log }: Counter): Promise<number> {
  const time = clock();
  const now = Date.parse(time);
  const last = minuteAt(now - GRACE_MS - 60_000);
  let from = (await counts.toldUntil()) ?? minuteAt(now - BEGINNING_MS);
  let told = 0;
  for (; from <= last; from = nextDay(from)) {
    for await (const { minute, codes } of counts.ofDay(from, lastOf(from, last)))
      for (const { code, count, told: before } of codes) {
        if (count <= before) continue;
        if (told === MOST) {
          log.info('anonymous refusals left for later', { minute });
          return told;
        }
        const act = failedSignIns(minute, code, count - before, { time, commandId: newCommandId() });
        if (await counts.tell(minute, code, { before, count }, () => acts.put(act))) told += 1;
      }
  }
  await counts.moveTo(minuteAt(msOf(last) - LOOK_BACK_MS));
  return told;
}

const nextDay = (minute: string): string => minuteAt(msOf(`${minute.slice(0, 10)}T00:00`) + 86_400_000);

const lastOf = (from: string, last: string): string => {
  const end = `${from.slice(0, 10)}T23:59`;
  return end < last ? end : last;
};

/** All that is refused without a person is refused for its token, or for having none. */
const failedSignIns = (
  minute: string,
  code: string,
  count: number,
  placed: Pick<Act, 'time' | 'commandId'>,
): Act => ({
  target: { type: 'system', id: 'anonymous' },
  action: 'sign-in',
  route: 'audit-count',
  outcome: 'failed',
  code,
  count,
  facts: { minute: `${minute}Z` },
  actor: { id: 'anonymous', role: 'anonymous' },
  correlation: `anonymous/${minute}Z`,
  ...placed,
});
