import { type Due, dayOf } from './dates.ts';
import { derive } from './derived.ts';
import type { Amount } from './event.ts';
import type { Commitment } from './state.ts';
import type { Status } from './status.ts';

/**
 * What of a commitment's representation follows from its state alone, and so from its events: all but its citation, which is checked
 * against the source text, and its derived facts, which depend on the day.
 */
export function representState({ card, head, evidence, extensions, occurrences }: Commitment) {
  const { quote, source } = card;
  return {
    id: card.id,
    responseId: card.responseId,
    reference: card.reference,
    title: card.title,
    quote,
    source: { start: source.start, end: source.end, sha256: source.sha256 },
    section: card.section,
    kind: card.kind,
    type: card.type,
    indicators: card.indicators,
    kpis: card.kpis,
    areas: card.areas,
    unit: card.unit,
    status: head.status,
    progress: head.progress,
    narrative: head.narrative,
    due: representDue(head.due),
    originalDue: representDue(head.originalDue),
    recurrence: card.recurrence && {
      text: card.recurrence.text,
      frequency: card.recurrence.frequency,
      from: card.recurrence.from,
    },
    occurrences,
    dependsOn: card.dependsOn,
    systems: card.systems,
    amounts: head.amounts.map(representAmount),
    evidence,
    extensions,
    closure: head.closure,
    supersededBy: head.supersededBy,
    claimedOn: head.claimedOn,
    note: card.note,
    version: head.version,
    createdAt: card.createdAt,
    reportedAt: head.reportedAt,
    updatedAt: head.updatedAt,
  };
}

/** Field by field: a state that was just decided and one that was read again are written alike, so that a replayed answer is the same text. */
const representDue = (due: Due | null): Due | null =>
  due && { date: due.date, precision: due.precision, kind: due.kind, text: due.text };

const representAmount = ({ amount, currency, note, secured, sharedKey }: Amount): Amount => ({
  amount,
  currency,
  note,
  secured,
  ...(sharedKey !== undefined && { sharedKey }),
});

/** What a commitment's representation needs beside its state. */
export interface Surroundings {
  /** The source text of its response, as it is stored now. */
  text: string | null;
  /** Statuses of commitments by id; those it depends on are looked up here. */
  statuses: ReadonlyMap<string, Status>;
  /** RFC 3339: the moment for which the derived facts hold. */
  at: string;
}

/** A commitment as the API shows it. Its citation is checked against the source text here, at every read. */
export function representCommitment(state: Commitment, { text, statuses, at }: Surroundings) {
  const { card, head } = state;
  const { quote, source } = card;
  const dependencies = card.dependsOn.flatMap((id) => statuses.get(id) ?? []);
  return {
    ...representState(state),
    citation: { holds: text !== null && quote !== null && text.slice(source.start, source.end) === quote },
    derived: derive(card, head, dependencies, dayOf(at)),
  };
}
