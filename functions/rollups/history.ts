import { fold } from '../../shared/commitment/evolve.ts';
import { open } from '../../shared/record/event-record.ts';
import { inParallel } from '../../shared/runtime/parallel.ts';
import type { Brief } from '../../shared/store/commitments.ts';
import type { Events } from '../../shared/store/events.ts';
import { READS_AT_ONCE } from './at-once.ts';

/** Where to stop in a commitment's stream. */
export interface Until {
  id: string;
  /** Events after this time are left out. */
  time?: string;
  /** Events after this sequence are left out. */
  sequence?: number;
}

/** Commitments as folds of their events; those that had none yet are left out. */
export async function foldAll(
  events: Pick<Events, 'all'>,
  wanted: readonly Until[],
): Promise<Map<string, Brief>> {
  const states = await inParallel(wanted, READS_AT_ONCE, (until) => foldOne(events, until));
  return new Map(
    states.flatMap((state) => (state ? [[state.card.id, { card: state.card, head: state.head }]] : [])),
  );
}

async function foldOne(events: Pick<Events, 'all'>, { id, time, sequence = Infinity }: Until) {
  const taken = [];
  for await (const record of events.all(id)) {
    if (record.sequence > sequence) break;
    const event = open(record);
    if (time !== undefined && event.time > time) break;
    taken.push(event);
  }
  return fold(taken);
}
