import type { Due } from './dates.ts';
import type { Amount } from './event.ts';
import type { Commitment } from './state.ts';

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
