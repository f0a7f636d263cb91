import * as z from 'zod/mini';
import { isDate } from '../commitment/dates.ts';
import type { FieldError } from '../commitment/rejection.ts';
import { readTime } from '../commitment/time.ts';
import { canonical, sha256 } from '../record/canonical.ts';
import { type Columns, columnsOf, delayOf } from './columns.ts';
import { type AuditEntry, OUTCOMES, type Outcome } from './entry.ts';
import { QUESTION_IDS, QUESTIONS, type Question, type QuestionId } from './questions.ts';
import { MAX_SAMPLE, type Sample } from './sample.ts';

/**
 * What is asked of the trail: all that is set has to hold. List, count, export and verification take the same object. `actor` is the
 * pseudonym in the entries.
 */
export interface TrailQuery {
  readonly target?: string;
  readonly actor?: string;
  readonly action?: string;
  readonly outcome?: Outcome;
  /** Of `recordedAt`: inclusive, and exclusive. */
  readonly from?: string;
  readonly to?: string;
  readonly question?: QuestionId;
  /** Milliseconds: recorded later than this after what it tells. */
  readonly late?: number;
  /** By the index in the log. */
  readonly order: Order;
  /** Some of what matches, by lot. */
  readonly sample?: Sample;
}

export const ORDERS = ['asc', 'desc'] as const;
export type Order = (typeof ORDERS)[number];

const name = z.string().check(z.minLength(1), z.maxLength(200));
const time = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/));

const QUERY = z.strictObject({
  target: z.optional(name),
  actor: z.optional(name),
  action: z.optional(name),
  outcome: z.optional(z.enum(OUTCOMES)),
  from: z.optional(time),
  to: z.optional(time),
  question: z.optional(z.enum(QUESTION_IDS)),
  late: z.optional(z.int().check(z.gte(0))),
  order: z.enum(ORDERS),
  sample: z.optional(
    z.strictObject({
      size: z.int().check(z.gte(1), z.lte(MAX_SAMPLE)),
      seed: name,
    }),
  ),
});

/** A query as a manifest or a cursor holds it; undefined for everything else. */
export function readQuery(value: unknown): TrailQuery | undefined {
  const read = QUERY.safeParse(value);
  return read.success ? (read.data as TrailQuery) : undefined;
}

/** The RFC 8785 text of a query: equal exactly where the queries are. */
export const queryText = (query: TrailQuery): string => canonical(query);

/** SHA-256 of that text, hexadecimal. */
export const queryDigest = (query: TrailQuery): string => sha256(queryText(query));

type Fields = Partial<Omit<TrailQuery, 'sample'>> & { size?: number; seed?: string };

/** Parameters by name: what each puts into the query, or what is wrong with its value. */
const READERS: Record<string, (value: string) => Fields | string> = {
  commitment: (value) => single(value, (target) => ({ target })),
  actor: (value) => ({ actor: value }),
  action: (value) => single(value, (action) => ({ action })),
  outcome: (value) => oneOf(OUTCOMES, value, (outcome) => ({ outcome })),
  from: (value) => timed(value, (from) => ({ from })),
  to: (value) => timed(value, (to) => ({ to })),
  question: (value) => oneOf(QUESTION_IDS, value, (question) => ({ question })),
  late: (value) => number(value, 0, 10 ** 12, (late) => ({ late })),
  order: (value) => oneOf(ORDERS, value, (order) => ({ order })),
  sample: (value) => number(value, 1, MAX_SAMPLE, (size) => ({ size })),
  seed: (value) => ({ seed: value }),
};

export const QUERY_PARAMETERS: readonly string[] = Object.keys(READERS);

/**
 * Reads a query from parameters by name; an unknown one is an error, so that a misspelt filter never shows too much. `actor` stays as
 * it was given, a subject or a pseudonym.
 */
export function parseQuery(
  parameters: Record<string, string>,
): { query: TrailQuery } | { errors: FieldError[] } {
  const errors: FieldError[] = [];
  const fields: Fields = {};
  const wrong = (parameter: string, detail: string) =>
    errors.push({ pointer: `/${parameter}`, code: 'invalid-parameter', detail });
  for (const [parameter, value] of Object.entries(parameters)) {
    const reader = Object.hasOwn(READERS, parameter) ? READERS[parameter] : undefined;
    if (!reader) wrong(parameter, 'is not a parameter of this list');
    else if (value === '' || value.length > 200 || !value.isWellFormed())
      wrong(parameter, 'has to have 1 to 200 characters');
    else {
      const read = reader(value);
      if (typeof read === 'string') wrong(parameter, read);
      else Object.assign(fields, read);
    }
  }
  const { size, seed, order = 'desc', ...filter } = fields;
  if ((size === undefined) !== (seed === undefined) && errors.length === 0)
    wrong(size === undefined ? 'sample' : 'seed', 'has to be there: a sample has a size and a seed');
  if (errors.length > 0) return { errors };
  const sample = size !== undefined && seed !== undefined && { sample: { size, seed } };
  return { query: { ...filter, order, ...sample } };
}

/** What is sent twice reaches a function joined by a comma: of two together nothing is ever found. */
const single = (value: string, take: (value: string) => Fields) =>
  value.includes(',') ? 'has to be one, and sent once' : take(value);

const oneOf = <T extends string>(known: readonly T[], value: string, take: (value: T) => Fields) =>
  known.includes(value as T) ? take(value as T) : `has to be one of ${known.join(', ')}`;

function number(value: string, least: number, most: number, take: (value: number) => Fields) {
  const read = /^\d{1,16}$/.test(value) ? Number(value) : -1;
  return read >= least && read <= most ? take(read) : `has to be a whole number from ${least} to ${most}`;
}

/** A day stands for its beginning. */
function timed(value: string, take: (at: string) => Fields) {
  const at = isDate(value) ? `${value}T00:00:00.000Z` : readTime(value);
  return at === undefined ? 'has to be an RFC 3339 time, or a day' : take(at);
}

/** What a query asks, its question taken apart: one of each list that is there, and every bound. An empty list: nothing at all. */
export interface Conditions {
  target?: string;
  actor?: string;
  actions?: readonly string[];
  outcomes?: readonly Outcome[];
  codes?: readonly string[];
  from?: string;
  to?: string;
  /** Milliseconds; the delay has to be above it. */
  late?: number;
}

export function conditionsOf({ question, ...query }: TrailQuery): Conditions {
  const { target, actor, action, outcome, from, to } = query;
  const asked: Question | undefined = question && QUESTIONS[question];
  const actions = both(action === undefined ? undefined : [action], asked?.actions);
  const outcomes = both(outcome === undefined ? undefined : [outcome], asked?.outcomes);
  const late = Math.max(query.late ?? Number.NEGATIVE_INFINITY, asked?.late ?? Number.NEGATIVE_INFINITY);
  return {
    ...(target !== undefined && { target }),
    ...(actor !== undefined && { actor }),
    ...(actions && { actions }),
    ...(outcomes && { outcomes }),
    ...(asked?.codes && { codes: asked.codes }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(Number.isFinite(late) && { late }),
  };
}

const both = <T>(one: readonly T[] | undefined, other: readonly T[] | undefined) =>
  one && other ? one.filter((item) => other.includes(item)) : (one ?? other);

/** Whether an entry is one that the query asks for; before its sample is drawn. */
export const matches = (query: TrailQuery, entry: AuditEntry): boolean =>
  holds(conditionsOf(query), columnsOf(entry));

/** The same of the columns of an entry. */
export function holds(conditions: Conditions, columns: Columns): boolean {
  const { target, actor, actions, outcomes, codes, from, to, late } = conditions;
  return (
    (target === undefined || columns.target === target) &&
    (actor === undefined || columns.actor === actor) &&
    (actions === undefined || actions.includes(columns.action)) &&
    (outcomes === undefined || outcomes.includes(columns.exception ?? 'success')) &&
    (codes === undefined || (columns.code !== undefined && codes.includes(columns.code))) &&
    (from === undefined || columns.recordedAt >= from) &&
    (to === undefined || columns.recordedAt < to) &&
    (late === undefined || delayOf(columns) > late)
  );
}
