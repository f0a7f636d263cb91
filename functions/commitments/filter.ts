import { dayOf, isDate } from '../../shared/commitment/dates.ts';
import { derive } from '../../shared/commitment/derived.ts';
import type { FieldError } from '../../shared/commitment/rejection.ts';
import { STATUSES, type Status } from '../../shared/commitment/status.ts';
import type { Brief } from '../../shared/store/commitments.ts';

const FLAGS = ['overdue', 'stale', 'undated', 'unowned', 'blocked'] as const;
const TEXTS = ['response', 'indicator', 'kpi', 'area', 'unit', 'system', 'q'] as const;
/** No name in a commitment is longer, and no key of DynamoDB may be of more than 2,048 bytes. */
const LONGEST = 500;
const SORTS = ['id', 'due', 'updated'] as const;
export type Sort = (typeof SORTS)[number];

/** What a list asks for; all of it has to hold. */
export type Filter = Partial<
  Record<(typeof TEXTS)[number], string> &
    Record<(typeof FLAGS)[number], boolean> & { status: Status[]; dueBefore: string; dueAfter: string }
> & { sort: Sort };

/** Reads the query of a list; `paging` names parameters that are somebody else's. */
export function readFilter(
  query: Record<string, string>,
  paging: readonly string[],
): { filter: Filter } | { errors: FieldError[] } {
  const filter: Filter = { sort: 'id' };
  const errors: FieldError[] = [];
  const wrong = (name: string, detail: string) =>
    errors.push({ pointer: `/${name}`, code: 'invalid-parameter', detail });
  for (const [name, value] of Object.entries(query)) {
    if (paging.includes(name)) continue;
    if (isOneOf(TEXTS, name)) {
      if (value.length <= LONGEST) filter[name] = value;
      else wrong(name, `has more than ${LONGEST} characters`);
    } else if (isOneOf(FLAGS, name)) {
      if (value === 'true' || value === 'false') filter[name] = value === 'true';
      else wrong(name, 'has to be true or false');
    } else if (name === 'status') {
      const statuses = value.split(',');
      const unknown = statuses.find((status) => !isOneOf(STATUSES, status));
      if (unknown === undefined) filter.status = statuses as Status[];
      else wrong(name, `has to be one or more of ${STATUSES.join(', ')}`);
    } else if (name === 'dueBefore' || name === 'dueAfter') {
      if (isDate(value)) filter[name] = value;
      else wrong(name, 'has to be a day like 2024-12-31');
    } else if (name === 'sort') {
      if (isOneOf(SORTS, value)) filter.sort = value;
      else wrong(name, `has to be one of ${SORTS.join(', ')}`);
    } else wrong(name, 'is not a parameter of this list');
  }
  return errors.length > 0 ? { errors } : { filter };
}

const isOneOf = <T extends string>(names: readonly T[], name: string): name is T =>
  (names as readonly string[]).includes(name);

/** Whether a commitment is one of those asked for, at the time `at`. `statuses` holds those of the commitments it depends on. */
export function matches(
  filter: Filter,
  { card, head }: Brief,
  statuses: ReadonlyMap<string, Status>,
  at: string,
): boolean {
  const { status, indicator, kpi, area, unit, system, dueBefore, dueAfter, q } = filter;
  const due = head.due?.date ?? null;
  if (status && !status.includes(head.status)) return false;
  if (indicator !== undefined && !card.indicators.includes(indicator)) return false;
  if (kpi !== undefined && !card.kpis.includes(kpi)) return false;
  if (area !== undefined && !card.areas.includes(area)) return false;
  if (unit !== undefined && card.unit !== unit) return false;
  if (system !== undefined && !card.systems.includes(system)) return false;
  if (dueBefore !== undefined && !(due !== null && due < dueBefore)) return false;
  if (dueAfter !== undefined && !(due !== null && due > dueAfter)) return false;
  if (q !== undefined && !holdsWords(`${card.title} ${card.quote} ${head.narrative ?? ''}`, q)) return false;
  const flags = FLAGS.filter((flag) => filter[flag] !== undefined);
  if (flags.length === 0) return true;
  const derived = derive(
    card,
    head,
    card.dependsOn.flatMap((id) => statuses.get(id) ?? []),
    dayOf(at),
  );
  return flags.every((flag) => derived[flag] === filter[flag]);
}

const folded = (text: string): string => text.normalize('NFKC').toLowerCase();

/** Every word of the question stands somewhere in the text, whole or as the beginning or middle of another. */
function holdsWords(text: string, question: string): boolean {
  const haystack = folded(text);
  return folded(question)
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}

/** What a commitment is sorted by; ties are in the order of ids. Undated ones come last; the latest update comes first. */
export function sortKey(sort: Sort, { card, head }: Brief): string {
  if (sort === 'due') return `${head.due?.date ?? '9999-99-99'} ${card.id}`;
  if (sort === 'updated')
    return `${String(10 ** 15 - Date.parse(head.updatedAt)).padStart(16, '0')} ${card.id}`;
  return card.id;
}
