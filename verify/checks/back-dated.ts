import type { About } from '../about.ts';
import type { Ledger } from '../ledger.ts';
import type { Leaf, Visitor } from '../pass/leaf.ts';
import type { Timeline } from '../pass/timeline.ts';
import { seconds } from './late.ts';

export const about = {
  name: 'back-dated',
  proves:
    'Times run with the log: nothing claims to have happened after it was recorded, before what stands ahead of it in its stream, or was recorded after a witness had seen it or long before what is in the log already.',
  cannot:
    'A clock that is wrong by less than the tolerance (10 s between clocks, the merge delay within the log), and a claimed time within the minute before its recording.',
  means: 'An entry was given another time than its own, or a clock was set wrong.',
  todo: 'Compare with the time of the checkpoint that first covers the entry: a witness signed that one with a clock of its own.',
} as const satisfies About;

/** How far clocks of the system and of witnesses may be apart; a witness tells whole seconds. */
export const SKEW_MS = 10_000;

export class BackDated implements Visitor {
  readonly #ledger: Ledger;
  readonly #delay: number;
  readonly #timeline: Timeline;
  #newest = 0;

  constructor(delay: number, timeline: Timeline, ledger: Ledger) {
    this.#delay = delay;
    this.#timeline = timeline;
    this.#ledger = ledger;
  }

  visit(leaf: Leaf): void {
    const { glance, state, claimedAt, recordedAt } = leaf;
    if (claimedAt - recordedAt > SKEW_MS)
      this.#find(leaf, `claims ${glance.claimedAt}, after it was recorded at ${glance.recordedAt}`);
    const before = state.claimedAt;
    if (claimedAt > before) state.claimedAt = claimedAt;
    else if (before - claimedAt > this.#delay)
      this.#find(
        leaf,
        `claims ${glance.claimedAt}, though one before it in its stream is of ${timeOf(before)}`,
      );
    if (recordedAt > this.#newest) this.#newest = recordedAt;
    else if (this.#newest - recordedAt > this.#delay)
      this.#find(
        leaf,
        `was recorded at ${glance.recordedAt}, though one before it in the log is of ${timeOf(this.#newest)}`,
      );
    const seen = this.#timeline.covering(leaf.index);
    if (seen !== null && recordedAt - seen.at > SKEW_MS)
      this.#find(
        leaf,
        `was recorded at ${glance.recordedAt}, ${seconds(recordedAt - seen.at)} after ${seen.witnessed ? 'a witness signed' : 'the log published'} the checkpoint that holds it`,
      );
  }

  #find(leaf: Leaf, what: string): void {
    this.#ledger.find('back-dated', leaf.place, what);
  }

  end(): void {
    this.#ledger.done('back-dated', { tolerance: seconds(this.#delay), clocks: seconds(SKEW_MS) });
  }
}

export const timeOf = (milliseconds: number): string => new Date(milliseconds).toISOString();
