import type { FieldError } from '../../shared/commitment/rejection.ts';
import type { Answer, Call } from '../../shared/lambda/http.ts';
import { preferred } from '../../shared/lambda/media.ts';
import { listAnswer } from '../../shared/lambda/paging.ts';
import { problem } from '../../shared/lambda/problem.ts';
import type { AuditEntries, Stored } from '../../shared/store/audit-entries.ts';
import type { AuditFilter } from '../../shared/store/audit-filter.ts';
import type { People } from '../../shared/store/people.ts';
import { type Asked, cursorAt, placeOf, readAsked } from './ask.ts';
import { csvHeader, csvLine, jsonLine, representEntry } from './represent.ts';

export interface Reader {
  entries: Pick<AuditEntries, 'page'>;
  people: Pick<People, 'find'>;
}

const EXPORTS = {
  'text/csv': { header: csvHeader, line: csvLine, file: 'audit-entries.csv' },
  'application/jsonl': { header: () => '', line: jsonLine, file: 'audit-entries.jsonl' },
} as const;
const MEDIA = ['application/json', 'application/jsonl', 'text/csv'] as const;

/** A Lambda function answers at most 6 MB of JSON, in which the body is one string with its quotes escaped. */
const MAX_ANSWER = 6_000_000;

/** The entries of the trail, a page as JSON or all of them as CSV or JSON lines. Administrators see their own entries only. */
export const listEntries =
  ({ entries, people }: Reader) =>
  async (call: Call): Promise<Answer> => {
    const media = preferred(call.headers['accept'], MEDIA);
    if (!media) return problem('not-acceptable', `The trail comes as ${MEDIA.join(', ')}.`);
    const asked = readAsked(call.query);
    if ('errors' in asked) return malformed(asked.errors);
    const filter = await whose(asked.filter, call, people);
    if (media !== 'application/json') return exported(media, { ...asked, filter }, call, entries);

    const question = { filter, order: asked.order };
    const after = asked.cursor === null ? null : placeOf(question, asked.cursor);
    if (after === undefined)
      return malformed([
        { pointer: '/cursor', code: 'invalid-parameter', detail: 'is not a cursor that this query gave' },
      ]);
    const page = await entries.page(filter, {
      order: asked.order,
      limit: asked.limit,
      after,
      now: call.time,
    });
    const next = page.next === null ? null : cursorAt(question, page.next);
    const answer = listAnswer(call, page.entries.map(representEntry), next);
    return { ...answer, headers: { ...answer.headers, ...PRIVATE } };
  };

const PRIVATE = { 'cache-control': 'no-store', vary: 'Accept, Authorization' };

const malformed = (errors: FieldError[]): Answer =>
  problem('malformed-query', 'Some query parameters can not be read.', { errors });

/** No pseudonym is drawn like this one, so nothing is found. */
const NOBODY = '-';

/** The filter with the pseudonym that its actor stands for; an administrator's own, whatever was asked. */
async function whose(filter: AuditFilter, call: Call, people: Reader['people']): Promise<AuditFilter> {
  const named = filter.actor === undefined ? undefined : ((await people.find(filter.actor)) ?? filter.actor);
  if (call.role === 'auditor') return named === undefined ? filter : { ...filter, actor: named };
  const own = (call.person && (await people.find(call.person.subject))) ?? NOBODY;
  return { ...filter, actor: named === undefined || named === own ? own : NOBODY };
}

async function exported(
  media: keyof typeof EXPORTS,
  { filter, order }: Asked,
  { time }: Call,
  entries: Reader['entries'],
): Promise<Answer> {
  const { header, line, file } = EXPORTS[media];
  let body = header();
  let bytes = 0;
  let after: string | null = null;
  do {
    const page: { entries: Stored[]; next: string | null } = await entries.page(filter, {
      order,
      limit: 500,
      after,
      now: time,
    });
    const more = page.entries.map(line).join('');
    bytes += Buffer.byteLength(JSON.stringify(more));
    if (bytes > MAX_ANSWER)
      return problem(
        'result-too-large',
        'All these entries do not fit in one answer. Ask for less of them at a time: narrow `from` and `to`, or add a filter.',
      );
    body += more;
    after = page.next;
  } while (after !== null);
  return {
    status: 200,
    headers: {
      'content-type': `${media}; charset=utf-8`,
      'content-disposition': `attachment; filename="${file}"`,
      ...PRIVATE,
    },
    body,
  };
}
