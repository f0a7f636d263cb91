import type { Answer, Call } from '../../shared/lambda/http.ts';
import {
  encodeCursor,
  listAnswer,
  MAX_ANSWER,
  readPaging,
  sizeInAnswer,
} from '../../shared/lambda/paging.ts';
import { problem } from '../../shared/lambda/problem.ts';
import type { Events } from '../../shared/store/events.ts';
import { representRecord } from './represent.ts';

const noSuch = (): Answer => problem('not-found', 'There is no such commitment, or it has no such event.');

/** The event records of a commitment, in order. */
export const listHistory =
  (events: Events) =>
  async (call: Call): Promise<Answer> => {
    const paging = readPaging(call.query);
    const place = 'errors' in paging ? '' : (paging.after ?? '0');
    // Ten digits are what a key holds.
    if ('errors' in paging || !/^\d{1,10}$/.test(place))
      return problem('malformed-query', 'Some query parameters can not be read.', {
        errors: 'errors' in paging ? paging.errors : [],
      });
    const after = Number(place);
    const { id = '' } = call.params;
    if (!id.startsWith('cmt_')) return noSuch();
    const rows: ReturnType<typeof representRecord>[] = [];
    let bytes = 0;
    let more = false;
    for await (const record of events.all(id, after, paging.limit + 1)) {
      const row = representRecord(record);
      bytes += sizeInAnswer(row);
      more = rows.length === paging.limit || (bytes > MAX_ANSWER && rows.length > 0);
      if (more) break;
      rows.push(row);
    }
    const last = rows.at(-1);
    if (!last && after === 0) return noSuch();
    return listAnswer(call, rows, more && last ? encodeCursor(String(last.sequence)) : null);
  };

/** One event record. */
export const getHistoryRecord =
  (events: Events) =>
  async (call: Call): Promise<Answer> => {
    const { id = '', sequence = '' } = call.params;
    if (!id.startsWith('cmt_') || !/^[1-9]\d{0,9}$/.test(sequence)) return noSuch();
    const record = await events.one(id, Number(sequence));
    return record ? { status: 200, body: representRecord(record) } : noSuch();
  };
