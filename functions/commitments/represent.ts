import { dayOf } from '../../shared/commitment/dates.ts';
import { derive } from '../../shared/commitment/derived.ts';
import { representState } from '../../shared/commitment/representation.ts';
import type { Commitment } from '../../shared/commitment/state.ts';
import type { Status } from '../../shared/commitment/status.ts';
import { type EventRecord, openLinked } from '../../shared/record/event-record.ts';
import { eventId } from '../../shared/record/streams.ts';
import type { Response } from '../../shared/store/responses.ts';

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

/** An event record with the exact bytes that were hashed, and the salted texts that stand beside them. */
export function representRecord(record: EventRecord) {
  const { event, previousHash } = openLinked(record);
  const { type, sequence, time, actor, action, commandId, correlation, data } = event;
  return {
    id: eventId(record.stream, sequence),
    stream: record.stream,
    sequence,
    type,
    time,
    actor,
    action,
    commandId,
    correlation,
    data,
    previousHash,
    hash: record.hash,
    bytes: record.bytes,
    texts: Object.fromEntries(
      Object.entries(record.texts).map(([path, [text, salt]]) => [path, { text, salt }]),
    ),
  };
}

export function representResponse({ framework, stances, ...response }: Response) {
  const named = stances.map(({ indicator, stance }) => ({
    indicator,
    label: framework.indicators.find(({ id }) => id === indicator)?.label ?? null,
    stance,
  }));
  return { ...response, framework, stances: named };
}
