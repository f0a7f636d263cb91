import type { About } from '../about.ts';
import type { Ledger } from '../ledger.ts';
import type { Leaf, Visitor } from '../pass/leaf.ts';
import type { Timeline } from '../pass/timeline.ts';
import { SKEW_MS, timeOf } from './back-dated.ts';
import { seconds } from './late.ts';

export const about = {
  name: 'merge-delay',
  proves:
    'Every entry was in a published checkpoint within the bound (60 s, --merge-delay sets another) after it was recorded, by the clocks of the witnesses where they cosigned.',
  cannot:
    'What happened before an entry was recorded, and delays that a hidden checkpoint would make look longer than they were. Where no witness cosigned, the time is what the log says.',
  means: 'The sequencer stood still or held this entry back: in that time it could still have been changed.',
  todo: 'If many entries are late together, ask for the outage. If one is late among others that are not, ask who held it back.',
} as const satisfies About;

export class MergeDelay implements Visitor {
  readonly #ledger: Ledger;
  readonly #bound: number;
  readonly #timeline: Timeline;
  #most = 0;
  #measured = 0;

  constructor(bound: number, timeline: Timeline, ledger: Ledger) {
    this.#bound = bound;
    this.#timeline = timeline;
    this.#ledger = ledger;
  }

  visit(leaf: Leaf): void {
    const seen = this.#timeline.covering(leaf.index);
    if (seen === null) return;
    this.#measured += 1;
    if (leaf.recordedAt > seen.toldAt)
      this.#ledger.find(
        'merge-delay',
        seen.where,
        `is said to be of ${timeOf(seen.toldAt)}, and holds entry ${leaf.index} of ${leaf.glance.recordedAt}`,
      );
    const delay = seen.at - leaf.recordedAt;
    if (delay > this.#most) this.#most = delay;
    if (delay > this.#bound)
      this.#ledger.find(
        'merge-delay',
        leaf.place,
        `was recorded at ${leaf.glance.recordedAt} and came into a checkpoint ${seconds(delay)} later`,
      );
  }

  /** What the log says of its times has to agree with what witnesses signed. */
  #judgeTold(): void {
    for (const { where, witnessedAt, toldAt } of this.#timeline.checkpoints)
      if (
        witnessedAt !== null &&
        toldAt !== null &&
        (toldAt - witnessedAt > SKEW_MS || witnessedAt - toldAt > this.#bound)
      )
        this.#ledger.find(
          'merge-delay',
          where,
          `is said to be of ${timeOf(toldAt)}, a witness signed it at ${timeOf(witnessedAt)}`,
        );
  }

  end(): void {
    this.#judgeTold();
    if (this.#timeline.isEmpty) {
      this.#ledger.absent(
        'merge-delay',
        'no archived checkpoints (checkpoints.jsonl) tell when entries came into the log',
      );
      return;
    }
    if (this.#timeline.untold > 0)
      this.#ledger.note(
        'merge-delay',
        `${this.#timeline.untold} checkpoints bear no cosignature: their time is what the log says.`,
      );
    this.#ledger.done('merge-delay', {
      entries: this.#measured,
      most: seconds(this.#most),
      bound: seconds(this.#bound),
    });
  }
}
