import { LATE_MS } from '../trail/columns.ts';
import type { Conditions } from '../trail/query.ts';
import { BLOCK } from './keys.ts';

/** The places of a log from `lo` on and below `hi`. */
export interface Range {
  lo: number;
  hi: number;
}

/** One way to the leaves of a query: partitions of one index that hold them all, and in each of which the index in the log sorts. */
export interface Way {
  index: string;
  attribute: string;
  /** Every leaf stands in one of them. */
  values: readonly string[];
  /** What these partitions answer already. */
  answers: keyof Conditions;
}

/** Every index that narrows the search; none where only the log itself does, and null where nothing can match. */
export function waysTo(conditions: Conditions): Way[] | null {
  const { target, actor, actions, outcomes, codes, late } = conditions;
  if ([actions, outcomes, codes].some((list) => list?.length === 0)) return null;
  const exceptions = outcomes?.filter((outcome) => outcome !== 'success');
  const ways: Way[] = [];
  const add = (index: string, attribute: string, answers: keyof Conditions, values: readonly string[]) =>
    ways.push({ index, attribute, answers, values });
  if (target !== undefined) add('ofTarget', 'target', 'target', [target]);
  if (late !== undefined && late >= LATE_MS) add('ofLate', 'late', 'late', ['late']);
  if (codes) add('ofCode', 'code', 'codes', codes);
  if (outcomes && exceptions && exceptions.length === outcomes.length)
    add('ofException', 'exception', 'outcomes', exceptions);
  if (actor !== undefined) add('ofActor', 'actor', 'actor', [actor]);
  if (actions) add('ofAction', 'action', 'actions', actions);
  return ways;
}

/** Whether every leaf of a way is one that is asked for, whatever stands in it. */
export const answersAll = (conditions: Conditions, way: Way | null): boolean =>
  Object.keys(conditions).every((name) => name === way?.answers) &&
  !(way?.answers === 'late' && conditions.late !== LATE_MS);

/** The blocks of the log that a range touches, with the part of the range that is in each. */
export function blocksOf({ lo, hi }: Range): { block: number; range: Range }[] {
  const blocks = [];
  for (let block = Math.floor(lo / BLOCK); block * BLOCK < hi; block += 1)
    blocks.push({
      block,
      range: { lo: Math.max(lo, block * BLOCK), hi: Math.min(hi, (block + 1) * BLOCK) },
    });
  return blocks;
}
