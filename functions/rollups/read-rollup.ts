import { dayOf } from '../../shared/commitment/dates.ts';
import type { FieldError } from '../../shared/commitment/rejection.ts';
import { readTime } from '../../shared/commitment/time.ts';
import type { Answer, Call } from '../../shared/lambda/http.ts';
import { problem } from '../../shared/lambda/problem.ts';
import type { Response, Responses } from '../../shared/store/responses.ts';
import { DIMENSIONS, type Dimension } from './group.ts';
import { type PastDeps, past } from './past.ts';
import type { Row } from './report.ts';
import { rowsOf } from './rows.ts';
import { type Found, type Kept, type StandingDeps, standing } from './standing.ts';

export interface ReadDeps extends StandingDeps, PastDeps {
  responses: Pick<Responses, 'one' | 'all'>;
}

/** The totals of one response, or of all: as they stand, or as they stood at a past time. */
export function readRollup(deps: ReadDeps): (call: Call) => Promise<Answer> {
  const kept: Kept = new Map();
  /** The rows of groups that were read, on the day for which they were summed up. */
  const summed = new WeakMap<Found['groups'], { today: string; rows: Row[] }>();
  return async (call) => {
    const asked = readQuery(call.query);
    if ('errors' in asked)
      return problem('malformed-query', 'Some query parameters can not be read.', { errors: asked.errors });
    const { response, by, asAt } = asked;
    if (response !== undefined && !ID.test(response)) return unknown;
    const responses = response === undefined ? await deps.responses.all() : [response];
    const which = { scopes: responses.map(idOf), by, overAll: response === undefined };
    const [named, { groups, completeTo }] = await Promise.all([
      Promise.all(responses.map((each) => (typeof each === 'string' ? deps.responses.one(each) : each))),
      asAt === undefined ? standing(deps, which, kept) : past(deps, which, asAt),
    ]);
    if (named.includes(null)) return unknown;
    const at = asAt ?? call.time;
    const today = dayOf(at);
    const known = summed.get(groups);
    const frameworks = named.flatMap((each) => each?.framework ?? []);
    const rows = known?.today === today ? known.rows : rowsOf(by, groups, frameworks, today);
    summed.set(groups, { today, rows });
    return {
      status: 200,
      headers: { 'cache-control': 'no-cache' },
      body: {
        asAt: at,
        by,
        data: rows,
        complete_to: completeTo,
      },
    };
  };
}

interface Asked {
  response: string | undefined;
  by: Dimension;
  asAt: string | undefined;
}

function readQuery(query: Record<string, string>): Asked | { errors: FieldError[] } {
  const errors: FieldError[] = [];
  const wrong = (pointer: string, detail: string): void => {
    errors.push({ pointer, code: 'invalid-parameter', detail });
  };
  const by = DIMENSIONS.find((dimension) => dimension === (query['by'] ?? 'total'));
  if (!by) wrong('/by', `has to be one of ${DIMENSIONS.join(', ')}`);
  const asAt = query['asAt'] === undefined ? undefined : readTime(query['asAt']);
  if (query['asAt'] !== undefined && asAt === undefined) wrong('/asAt', 'is not an RFC 3339 time');
  for (const name of Object.keys(query))
    if (!PARAMETERS.has(name)) wrong(`/${name}`, 'is not a parameter of this path');
  return by && errors.length === 0 ? { response: query['response'], by, asAt } : { errors };
}

const PARAMETERS = new Set(['response', 'by', 'asAt']);

const ID = /^[\w-]{1,64}$/;
const unknown = problem('not-found', 'There is no such response.');

const idOf = (response: Response | string): string => (typeof response === 'string' ? response : response.id);
