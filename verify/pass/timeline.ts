import type { Earlier } from '../checks/consistency.ts';

/** When an entry was seen in a checkpoint. */
export interface Seen {
  /** Milliseconds since 1970. */
  at: number;
  /** Whether a witness signed that time, or only the log told it. */
  witnessed: boolean;
}

/** The archived checkpoints, by the size that each of them first covered. Asked with indices that do not fall. */
export class Timeline {
  readonly #earlier: readonly Earlier[];
  #at = 0;

  constructor(archived: readonly Earlier[]) {
    // One that is smaller than one before it is a finding of its own, and tells nothing here.
    this.#earlier = archived.reduce<Earlier[]>((kept, next) => {
      if (next.size > (kept.at(-1)?.size ?? -1)) kept.push(next);
      return kept;
    }, []);
  }

  get isEmpty(): boolean {
    return this.#earlier.length === 0;
  }

  /** How many of them no witness signed. */
  get untold(): number {
    return this.#earlier.filter(({ witnessedAt }) => witnessedAt === null).length;
  }

  /** The first checkpoint that holds this entry; null where none of them does. */
  covering(index: number): Seen | null {
    while (this.#at > 0 && (this.#earlier[this.#at - 1]?.size ?? 0) > index) this.#at -= 1;
    while (this.#at < this.#earlier.length && (this.#earlier[this.#at]?.size ?? 0) <= index) this.#at += 1;
    const found = this.#earlier[this.#at];
    const at = found?.witnessedAt ?? found?.toldAt ?? null;
    return found && at !== null ? { at, witnessed: found.witnessedAt !== null } : null;
  }
}
