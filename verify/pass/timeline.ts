import type { Earlier } from '../checks/consistency.ts';

/** When an entry was seen in a checkpoint. */
export interface Seen {
  /** Milliseconds since 1970. */
  at: number;
  /** Whether a witness signed that time, or only the log told it. */
  witnessed: boolean;
  /** What the log told. */
  toldAt: number;
  /** Which checkpoint it was. */
  where: string;
}

/** The archived checkpoints, by the size that each of them first covered. Asked with indices that do not fall. */
export class Timeline {
  readonly checkpoints: readonly Earlier[];
  #at = 0;
  #seen: Seen | null;

  constructor(archived: readonly Earlier[]) {
    // One that is smaller than one before it is a finding of its own, and tells nothing here.
    this.checkpoints = archived.reduce<Earlier[]>((kept, next) => {
      if (next.size > (kept.at(-1)?.size ?? -1)) kept.push(next);
      return kept;
    }, []);
    this.#seen = seenIn(this.checkpoints[0]);
  }

  get isEmpty(): boolean {
    return this.checkpoints.length === 0;
  }

  /** How many of them no witness signed. */
  get untold(): number {
    return this.checkpoints.filter(({ witnessedAt }) => witnessedAt === null).length;
  }

  /** The first checkpoint that holds this entry; null where none of them does. */
  covering(index: number): Seen | null {
    while ((this.checkpoints[this.#at]?.size ?? Number.POSITIVE_INFINITY) <= index) {
      this.#at += 1;
      this.#seen = seenIn(this.checkpoints[this.#at]);
    }
    return this.#seen;
  }
}

function seenIn(checkpoint: Earlier | undefined): Seen | null {
  if (!checkpoint) return null;
  const { witnessedAt, toldAt, where } = checkpoint;
  const told = toldAt ?? witnessedAt ?? Number.NaN;
  return { at: witnessedAt ?? told, witnessed: witnessedAt !== null, toldAt: told, where };
}
