import type { FieldError } from '../../../shared/commitment/rejection.ts';
import type { Answer, Call } from '../../../shared/lambda/http.ts';
import { preferred } from '../../../shared/lambda/media.ts';
import { fitting, listAnswer, MAX_ANSWER, sizeInAnswer } from '../../../shared/lambda/paging.ts';
import { problem } from '../../../shared/lambda/problem.ts';
import type { PublishedCheckpoint } from '../../../shared/store/log-checkpoints.ts';
import type { People } from '../../../shared/store/people.ts';
import { conditionsOf, type TrailQuery } from '../../../shared/trail/query.ts';
import { type Asked, cursorAt, readAsked, readCursor } from './ask.ts';
import { drawSample } from './draw-sample.ts';
import { csvHeader, csvLine, jsonLine, representEntry } from './represent.ts';
import { cut, type Mark, type Trail, type View, viewPage } from './view.ts';

export interface Reader {
  trail: Trail;
  people: Pick<People, 'find'>;
  /** Takes over an export that does not fit in an answer. */
  startExport?: (call: Call, query: TrailQuery, format: 'csv' | 'jsonl', size: number) => Promise<Answer>;
}

const EXPORTS = {
  'text/csv': { format: 'csv', header: csvHeader, line: csvLine },
  'application/jsonl': { format: 'jsonl', header: () => '', line: jsonLine },
} as const;
const MEDIA = ['application/json', 'application/jsonl', 'text/csv'] as const;

/** The entries of the trail, a page as JSON or all of them as CSV or JSON lines. Administrators see their own entries only. */
export const listEntries =
  (reader: Reader) =>
  async (call: Call): Promise<Answer> => {
    const media = preferred(call.headers['accept'], MEDIA);
    if (!media) return problem('not-acceptable', `The trail comes as ${MEDIA.join(', ')}.`);
    const asked = readAsked(call.query);
    if ('errors' in asked) return malformed(asked.errors);
    const query = await whose(asked.query, call, reader.people);
    const begun = await beginning({ ...asked, query }, call, reader.trail);
    if ('status' in begun) return begun;
    const reading = { ...begun, query, limit: asked.limit };
    if (asked.count) return counted(reading, reader.trail);
    if (media !== 'application/json') return exported(media, reading, call, reader);
    return query.sample ? sampled(reading, reader.trail) : page(reading, call, reader.trail);
  };

interface Reading {
  query: TrailQuery;
  view: View;
  checkpoint: PublishedCheckpoint;
  mark: Mark | null;
  limit: number;
}

/** Where a reading begins, or goes on: what its cursor says, the checkpoint that was asked for, or the newest and who waits behind. */
async function beginning(
  { query, checkpoint: size, cursor }: Asked,
  call: Call,
  { checkpoints }: Trail,
): Promise<Pick<Reading, 'view' | 'checkpoint' | 'mark'> | Answer> {
  const read = cursor === null ? null : readCursor(query, cursor);
  const wrongSize = read && size !== undefined && (read.view.size !== size || read.view.until !== null);
  if (read === undefined || wrongSize)
    return malformed([wrong('cursor', 'is not a cursor that this query gave')]);
  const wanted = read?.view.size ?? size;
  const checkpoint = wanted === undefined ? await checkpoints.newest() : await checkpoints.at(wanted);
  if (!checkpoint) return malformed([wrong('checkpoint', 'is not the size of a published checkpoint')]);
  const told = { size: checkpoint.size, root: checkpoint.root, time: checkpoint.time };
  const until = size === undefined && !query.sample ? call.time : null;
  return { checkpoint: told, view: read?.view ?? { size: told.size, until }, mark: read?.mark ?? null };
}

const wrong = (name: string, detail: string): FieldError => ({
  pointer: `/${name}`,
  code: 'invalid-parameter',
  detail,
});

export const PRIVATE = { 'cache-control': 'no-store', vary: 'Accept, Authorization' };

export const malformed = (errors: FieldError[]): Answer =>
  problem('malformed-query', 'Some query parameters can not be read.', { errors });

/** No pseudonym is drawn like this one, so nothing is found. */
const NOBODY = '-';

/** The query with the pseudonym that its actor stands for; an administrator's own, whatever was asked. */
export async function whose(query: TrailQuery, call: Call, people: Reader['people']): Promise<TrailQuery> {
  const { actor } = query;
  const named = actor === undefined ? undefined : ((await people.find(actor)) ?? actor);
  if (call.role === 'auditor') return named === undefined ? query : { ...query, actor: named };
  const own = (call.person && (await people.find(call.person.subject))) ?? NOBODY;
  return { ...query, actor: named === undefined || named === own ? own : NOBODY };
}

async function page(
  { query, view, checkpoint, mark, limit }: Reading,
  call: Call,
  trail: Trail,
): Promise<Answer> {
  const whole = await viewPage(trail, query, view, mark, limit);
  const shown = fitting(whole.entries.map(representEntry));
  const found = shown.length < whole.entries.length ? cut(whole.entries, shown.length) : whole;
  const next = found.next && cursorAt(query, view, found.next);
  const { headers, body } = listAnswer(call, shown, next);
  return { status: 200, headers: { ...headers, ...PRIVATE }, body: { ...(body as object), checkpoint } };
}

async function counted({ query, checkpoint }: Reading, { leaves, checkpoints }: Trail): Promise<Answer> {
  const range = await checkpoints.within({ lo: 0, hi: checkpoint.size }, query.from, query.to);
  const count = await leaves.count(conditionsOf(query), range);
  return { status: 200, headers: PRIVATE, body: { count, checkpoint } };
}

async function sampled({ query, checkpoint }: Reading, trail: Trail): Promise<Answer> {
  const drawn = await drawSample(trail, query, checkpoint.size);
  if (!drawn) return tooLarge();
  const data = drawn.entries.map(representEntry);
  if (sizeInAnswer(data) > MAX_ANSWER) return tooLarge();
  const body = { data, next_cursor: null, checkpoint, population: drawn.population };
  return { status: 200, headers: PRIVATE, body };
}

const tooLarge = (): Answer =>
  problem(
    'result-too-large',
    'This does not fit in one answer. Ask for less at a time: narrow `from` and `to`, or add a filter; or ask for an export.',
  );

async function exported(
  media: keyof typeof EXPORTS,
  { query, view, mark }: Reading,
  call: Call,
  { trail, startExport }: Reader,
): Promise<Answer> {
  const { header, line, format } = EXPORTS[media];
  const full = () => startExport?.(call, query, format, view.size) ?? tooLarge();
  let body = header();
  let room = MAX_ANSWER;
  const add = (lines: string): boolean => {
    body += lines;
    room -= Buffer.byteLength(JSON.stringify(lines));
    return room >= 0;
  };
  if (query.sample) {
    const drawn = await drawSample(trail, query, view.size);
    if (!drawn || !add(drawn.entries.map(line).join(''))) return full();
  } else
    for (let after: Mark | null = mark, more = true; more; more = after !== null) {
      const page = await viewPage(trail, query, view, after, 500);
      if (!add(page.entries.map(line).join(''))) return full();
      after = page.next;
    }
  return {
    status: 200,
    headers: {
      'content-type': `${media}; charset=utf-8`,
      'content-disposition': `attachment; filename="audit-entries.${format}"`,
      'checkpoint-size': String(view.size),
      ...PRIVATE,
    },
    body,
  };
}
