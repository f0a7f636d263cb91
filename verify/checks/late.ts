import { LATE_MS } from '../../shared/trail/columns.ts';
import type { About } from '../about.ts';
import type { Ledger } from '../ledger.ts';
import type { Leaf, Visitor } from '../pass/leaf.ts';

export const about = {
  name: 'late',
  proves:
    'No entry was recorded later after what it tells than the bound (24 hours, --late sets another). Those later than a minute are counted.',
  cannot: 'That a claimed time is true: the clock of the command told it, and nobody signed it.',
  means: 'Something was put into the trail long after it is said to have happened: an outage, or a tale.',
  todo: 'Ask what happened between the two times. An outage shows in many streams at once, a tale in one.',
} as const satisfies About;

export class Late implements Visitor {
  readonly #ledger: Ledger;
  readonly #bound: number;
  #late = 0;
  #most = 0;

  constructor(bound: number, ledger: Ledger) {
    this.#bound = bound;
    this.#ledger = ledger;
  }

  visit(leaf: Leaf): void {
    const delay = leaf.recordedAt - leaf.claimedAt;
    if (delay <= LATE_MS && delay <= this.#bound) return;
    if (delay > LATE_MS) this.#late += 1;
    if (delay > this.#most) this.#most = delay;
    if (delay > this.#bound)
      this.#ledger.find(
        'late',
        leaf.place,
        `is said to be of ${leaf.glance.claimedAt} and was recorded ${seconds(delay)} later`,
      );
  }

  end(): void {
    if (this.#late > 0)
      this.#ledger.note(
        'late',
        `${this.#late} entries were recorded more than a minute after what they tell, at most ${seconds(this.#most)}.`,
      );
    this.#ledger.done('late', { bound: seconds(this.#bound), late: this.#late });
  }
}

export const seconds = (milliseconds: number): string => `${milliseconds / 1000} s`;
