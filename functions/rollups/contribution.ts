import { daysSlipped, deadlineOf, isUndated, staleFrom } from '../../shared/commitment/derived.ts';
import type { Amount } from '../../shared/commitment/event.ts';
import type { Card, Head } from '../../shared/commitment/state.ts';
import { isOpen } from '../../shared/commitment/status.ts';
import { COUNTER, type Counters } from './counter.ts';
import { type Awaited, awaited, type Group, type GroupId, groupId, groupsOf, overAll } from './group.ts';

/** What one commitment adds to the totals. */
export interface Contribution {
  response: string;
  groups: Group[];
  /** Added to each of its groups. */
  counters: Counters;
  /** Added to the total of its response: how many of its events are in these numbers. */
  events: number;
  /** Groups of its response that it waits on: each counts it once. */
  waits: Group[];
  /** Groups that it waits on in other responses only: they count it over all responses. */
  waitsElsewhere: Group[];
}

/** @param dependencies of all it depends on, directly or not, those that are open. */
export function contributionOf(card: Card, head: Head, dependencies: Iterable<Awaited>): Contribution {
  return {
    response: card.responseId,
    groups: groupsOf(card, head),
    counters: countersOf(card, head),
    events: head.version,
    ...waitsOf(awaited(card, head), dependencies),
  };
}

function countersOf(card: Card, head: Head): Counters {
  const counters: Counters = { [COUNTER.status(head.status)]: 1 };
  const add = (name: string, amount: number): void => {
    if (amount !== 0) counters[name] = (counters[name] ?? 0) + amount;
  };
  const deadline = deadlineOf(head);
  if (isUndated(head)) add(COUNTER.undated, 1);
  if (card.unit === null) add(COUNTER.unowned, 1);
  if (deadline) add(COUNTER.deadline(deadline), 1);
  if (isOpen(head.status)) add(COUNTER.staleFrom(staleFrom(card, head)), 1);
  const [original, current] = [head.originalDue?.date, head.due?.date];
  if (original) add(COUNTER.original(original, isOnTime(head, original)), 1);
  if (current) add(COUNTER.current(current, isOnTime(head, current)), 1);
  add(COUNTER.slipped, daysSlipped(head));
  add(COUNTER.progress, head.status === 'verified_complete' ? 100 : (head.progress ?? 0));
  for (const amount of head.amounts) countAmount(amount, add);
  return counters;
}

const isOnTime = ({ status, claimedOn }: Head, due: string): boolean =>
  status === 'verified_complete' && claimedOn !== null && claimedOn <= due;

/** Amounts with a shared key count as the greatest that anyone names, so what is counted is how often each was named. */
function countAmount(
  { amount, secured, currency, sharedKey }: Amount,
  add: (name: string, amount: number) => void,
): void {
  if (sharedKey === undefined) {
    add(COUNTER.pledged(currency), amount);
    add(COUNTER.secured(currency), secured);
    // A currency is named even where its sum is nothing.
    add(COUNTER.currency(currency), 1);
  } else {
    add(COUNTER.sharedPledged(currency, amount, sharedKey), 1);
    add(COUNTER.sharedSecured(currency, secured, sharedKey), 1);
  }
}

/**
 * The groups that an open commitment waits on. Waiting counts inside a response: both ends of the dependency are in it, whatever lies
 * between; over all responses it counts between any two.
 * @param own null where it is closed: then it waits on nothing.
 */
export function waitsOf(
  own: Awaited | null,
  dependencies: Iterable<Awaited>,
): Pick<Contribution, 'waits' | 'waitsElsewhere'> {
  const waits = new Map<GroupId, Group>();
  const elsewhere = new Map<GroupId, Group>();
  if (!own) return { waits: [], waitsElsewhere: [] };
  // Who uses a system waits on it as well as who depends on one that does.
  for (const group of own.groups)
    if (group.by === 'system' && group.key !== null) waits.set(overAll(group), group);
  for (const { response, groups } of dependencies)
    for (const group of groups) (response === own.response ? waits : elsewhere).set(overAll(group), group);
  for (const id of waits.keys()) elsewhere.delete(id);
  return { waits: sorted(waits), waitsElsewhere: sorted(elsewhere) };
}

/** In an order that doesn't depend on the order of the dependencies. */
const sorted = (groups: Map<GroupId, Group>): Group[] =>
  [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);

/** Counters by group. */
export type Totals = Map<GroupId, Counters>;

/** The counters that a contribution adds, group by group; the total of its response last, since that is what says "applied". */
export function expand(contribution: Contribution | null): Totals {
  const totals: Totals = new Map();
  if (!contribution) return totals;
  const { response, groups, counters, events, waits, waitsElsewhere } = contribution;
  for (const group of groups) totals.set(groupId(response, group), { ...counters });
  for (const group of waits) count(totals, groupId(response, group), COUNTER.waiting);
  for (const group of waitsElsewhere) count(totals, overAll(group), COUNTER.waiting);
  const total = groupId(response, { by: 'total', key: 'total' });
  const last = { ...totals.get(total), ...(events > 0 && { [COUNTER.events]: events }) };
  totals.delete(total);
  return totals.set(total, last);
}

function count(totals: Totals, id: GroupId, name: string): void {
  const counters = totals.get(id) ?? {};
  totals.set(id, { ...counters, [name]: (counters[name] ?? 0) + 1 });
}
