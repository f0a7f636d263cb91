import type { Answer, Call } from '../../../shared/lambda/http.ts';
import { encodeCursor, fitting, listAnswer, readPagingAlone } from '../../../shared/lambda/paging.ts';
import { isPlace } from '../../../shared/store/keys.ts';
import type { LogRows } from '../../../shared/store/log-rows.ts';
import type { TrailRow } from '../../../shared/trail/rows.ts';
import { malformed, PRIVATE } from './list-entries.ts';
import type { Trail } from './view.ts';

/** Sort before and behind every place in the line behind the log. */
const [FIRST, LAST] = ['0', '~'];

interface Table {
  trail: Pick<Trail, 'leaves' | 'tail' | 'checkpoints'>;
  rows: LogRows;
}

interface Marked {
  row: TrailRow;
  mark: string;
}

/**
 * `GET /v1/audit/rows`: the rows of the table as they stand, for the offline verifier: those with a place in the log in its order, then
 * those that wait for one.
 */
export const listRows =
  (table: Table) =>
  async (call: Call): Promise<Answer> => {
    const paging = readPagingAlone(call.query, (after) => markIn(after) !== undefined);
    if ('errors' in paging) return malformed(paging.errors);
    const mark = markIn(paging.after ?? 'i-1') ?? {};
    // One more than asked tells whether there is a next page.
    const all = await rowsAfter(table, mark, paging.limit + 1);
    const shown = fitting(all.slice(0, paging.limit).map(({ row }) => row));
    const last = all[shown.length - 1];
    const cursor = shown.length < all.length && last ? encodeCursor(last.mark) : null;
    const { headers, ...answer } = listAnswer(call, shown, cursor);
    return { ...answer, headers: { ...headers, ...PRIVATE } };
  };

const CURSOR = /^(?:i(?<index>-1|\d{1,16})|p(?<place>\S{1,500}))$/;

function markIn(after: string): { index?: string; place?: string } | undefined {
  const mark = CURSOR.exec(after)?.groups;
  return mark && (mark['place'] === undefined || isPlace(mark['place'])) ? mark : undefined;
}

async function rowsAfter(
  { trail, rows }: Table,
  { index, place = FIRST }: { index?: string; place?: string },
  want: number,
): Promise<Marked[]> {
  // Who waits is looked at first: who leaves the line after that has its place by the time that the log is looked at.
  const { queued } = await trail.tail.between(place, LAST, 'asc', want);
  const { size } = await trail.checkpoints.newest();
  const range = { lo: index === undefined ? size : Number(index) + 1, hi: size };
  const { leaves } = await trail.leaves.page({}, range, 'asc', want);
  const line = leaves.length < want ? queued : [];
  const read = await rows.at([...leaves, ...line].map(({ key }) => key));
  const marks = [...leaves.map((leaf) => `i${leaf.index}`), ...line.map((queued) => `p${queued.place}`)];
  return read
    .map((row, at) => ({ row, mark: marks[at] ?? '' }))
    .filter(({ row }, at) => at < leaves.length || row.index === null || row.index >= size);
}
