import type { Answer, Call } from '../../shared/lambda/http.ts';
import { encodeCursor, listAnswer, readPaging } from '../../shared/lambda/paging.ts';
import { problem } from '../../shared/lambda/problem.ts';
import type { Events } from '../../shared/store/events.ts';
import { representRecord } from './represent.ts';

const noSuch = (): Answer => problem('not-found', 'There is no such commitment, or it has no such event.');

/** The event records of a commitment, in order. */
export const listHistory =
  (events: Events) =>
  async (call: Call): Promise<Answer> => {
    const paging = readPaging(call.query);
    const after = 'errors' in paging ? Number.NaN : Number(paging.after ?? '0');
    if ('errors' in paging || !Number.isSafeInteger(after))
      return problem('malformed-query', 'Some query parameters can not be read.', {
        errors: 'errors' in paging ? paging.errors : [],
      });
    const { id = '' } = call.params;
    if (!id.startsWith('cmt_')) return noSuch();
    const records = await events.after(id, after, paging.limit + 1);
    if (records.length === 0 && after === 0) return noSuch();
    const shown = records.slice(0, paging.limit);
    const last = shown.at(-1);
    const more = records.length > shown.length && last;
    return listAnswer(call, shown.map(representRecord), more ? encodeCursor(String(last.sequence)) : null);
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
