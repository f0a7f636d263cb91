import { etag } from '../../shared/lambda/envelope.ts';
import type { Answer, Call } from '../../shared/lambda/http.ts';
import type { EventRecord } from '../../shared/record/event-record.ts';
import { wantsPage } from './page.ts';
import { representRecord } from './represent.ts';

/** 201 with the new state and its event records; a form that prefers a page is sent to the record of what it did. */
export function created(
  call: Call,
  subject: { [name: string]: unknown },
  records: readonly EventRecord[],
  replayed: boolean,
): Answer {
  const [first, last] = [records[0], records.at(-1)];
  if (!first || !last) throw new RangeError('an answer without an event');
  const location = first.stream.startsWith('rsp_')
    ? `/v1/responses/${first.stream}`
    : `/v1/commitments/${first.stream}/history/${first.sequence}`;
  const headers = {
    location,
    etag: etag(last.sequence),
    ...(replayed && { 'idempotency-replayed': 'true' }),
  };
  if (wantsPage(call)) return { status: 303, headers };
  return { status: 201, headers, body: { ...subject, events: records.map(representRecord) } };
}
