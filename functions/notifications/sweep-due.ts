import type { Clock } from '../../shared/runtime/clock.ts';
import type { Log } from '../../shared/runtime/log.ts';
import type { Deliveries } from '../../shared/store/deliveries.ts';
import { later } from '../../shared/store/delivery.ts';
import { DUE_SHARDS } from '../../shared/store/delivery-item.ts';
import type { Send } from './queue.ts';

export interface SweepDeps {
  deliveries: Pick<Deliveries, 'due' | 'lookAgain'>;
  send: Send;
  clock: Clock;
  log: Log;
}

const PAGE = 100;
/** What one minute's sweep takes on; the next goes on from there. */
const PAGES = 10;
const AT_ONCE = 25;
/** One that was sent is looked after again so long later: a long queue is not made longer each minute. */
const AGAIN_SECONDS = 300;

/** Sends the deliveries whose time has come without a message: long waits, and those whose message was lost. Answers how many. */
export async function sweepDue({ deliveries, send, clock, log }: SweepDeps): Promise<number> {
  const now = clock();
  const sweepShard = async (shard: number): Promise<number> => {
    let sent = 0;
    for (let page = 0; page < PAGES; page++) {
      const due = await deliveries.due(shard, now, PAGE);
      for (let start = 0; start < due.length; start += AT_ONCE) {
        const chunk = due.slice(start, start + AT_ONCE);
        const next = later(now, AGAIN_SECONDS);
        const ours = await Promise.all(chunk.map((one) => deliveries.lookAgain(one, next)));
        const ids = chunk.filter((_, index) => ours[index]).map(({ id }) => id);
        await send(ids, 0);
        sent += ids.length;
      }
      if (due.length < PAGE) break;
    }
    return sent;
  };
  const counts = await Promise.all(Array.from({ length: DUE_SHARDS }, (_, shard) => sweepShard(shard)));
  const sent = counts.reduce((sum, count) => sum + count, 0);
  if (sent > 0) log.info('swept', { sent });
  return sent;
}
