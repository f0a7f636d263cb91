import { isDate } from '../../shared/commitment/dates.ts';
import type { FieldError } from '../../shared/commitment/rejection.ts';
import { readTime } from '../../shared/commitment/time.ts';
import { encodeCursor, PAGING, readPaging } from '../../shared/lambda/paging.ts';
import { canonical, sha256 } from '../../shared/record/canonical.ts';
import { type AuditFilter, isPlace, type Order } from '../../shared/store/audit-filter.ts';
import { OUTCOMES, type Outcome } from '../../shared/trail/entry.ts';

/** What a query of the trail asks for. `actor` is a subject or a pseudonym, as it was given. */
export interface Asked {
  filter: AuditFilter;
  order: Order;
  limit: number;
  cursor: string | null;
}

/** Parameters by name: what each puts into the filter, or what is wrong with its value. */
const READERS: Record<string, (value: string) => (Partial<AuditFilter> & { order?: Order }) | string> = {
  commitment: (value) => ({ target: value }),
  actor: (value) => ({ actor: value }),
  action: (value) => ({ action: value }),
  outcome: (value) =>
    OUTCOMES.includes(value as Outcome)
      ? { outcome: value as Outcome }
      : `has to be one of ${OUTCOMES.join(', ')}`,
  from: (value) => time(value, 'from'),
  to: (value) => time(value, 'to'),
  order: (value) => (value === 'asc' || value === 'desc' ? { order: value } : 'has to be asc or desc'),
};

/** Reads the parameters of the list; an unknown one is an error, so that a misspelt filter never shows too much. */
export function readAsked(query: Record<string, string>): Asked | { errors: FieldError[] } {
  const errors: FieldError[] = [];
  const filter: AuditFilter = {};
  let order: Order = 'desc';
  const wrong = (name: string, detail: string) =>
    errors.push({ pointer: `/${name}`, code: 'invalid-parameter', detail });
  for (const [name, value] of Object.entries(query)) {
    if ((PAGING as readonly string[]).includes(name)) continue;
    const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
    if (!reader) wrong(name, 'is not a parameter of this list');
    else if (value === '' || value.length > 200) wrong(name, 'has to have 1 to 200 characters');
    else {
      const read = reader(value);
      if (typeof read === 'string') wrong(name, read);
      else {
        const { order: asked, ...fields } = read;
        order = asked ?? order;
        Object.assign(filter, fields);
      }
    }
  }
  const paging = readPaging(query);
  if ('errors' in paging) return { errors: [...errors, ...paging.errors] };
  return errors.length > 0 ? { errors } : { filter, order, limit: paging.limit, cursor: paging.after };
}

/** A day stands for its beginning. */
function time(value: string, name: 'from' | 'to'): Partial<AuditFilter> | string {
  const at = isDate(value) ? `${value}T00:00:00.000Z` : readTime(value);
  return at === undefined ? 'has to be an RFC 3339 time, or a day' : { [name]: at };
}

type Question = Pick<Asked, 'filter' | 'order'>;

const digest = ({ filter, order }: Question, place: string): string =>
  sha256(canonical({ filter, order, place })).slice(0, 16);

/** A cursor belongs to its question: with another filter or order it would leave entries out, so it is refused there. */
export const cursorAt = (question: Question, place: string): string =>
  encodeCursor(`${digest(question, place)} ${place}`);

/** The place of a cursor; undefined where it is not one of this question. */
export function placeOf(question: Question, cursor: string): string | undefined {
  const place = cursor.slice(17);
  const holds = cursor === `${digest(question, place)} ${place}` && isPlace(place, question.filter);
  return holds ? place : undefined;
}
