import { beyond, type Leaf } from '../../../shared/store/log-leaves.ts';
import { conditionsOf, type TrailQuery } from '../../../shared/trail/query.ts';
import { Draw } from '../../../shared/trail/sample.ts';
import { entriesOf, type Shown, type Trail } from './view.ts';

/** As many leaves as are read for one answer; a larger population is drawn from by an export. */
const MOST = 100_000;

/** Draws the sample of a query out of a log of `size`; null where its population is too large for one answer. */
export async function drawSample(
  trail: Trail,
  query: TrailQuery,
  size: number,
): Promise<{ entries: Shown[]; population: number } | null> {
  if (!query.sample) throw new TypeError('the query has no sample');
  const draw = new Draw<Leaf>(query.sample);
  let range = await trail.checkpoints.within({ lo: 0, hi: size }, query.from, query.to);
  const conditions = conditionsOf(query);
  while (range.lo < range.hi) {
    const { leaves, next } = await trail.leaves.page(conditions, range, 'asc', 1000);
    for (const leaf of leaves) draw.offer(leaf.index, leaf.leaf, leaf);
    if (draw.population > MOST) return null;
    if (next === null) break;
    range = beyond(range, next, 'asc');
  }
  const drawn = draw.drawn().map(({ item }) => item);
  if (query.order === 'desc') drawn.reverse();
  return { entries: await entriesOf(trail, drawn, size), population: draw.population };
}
