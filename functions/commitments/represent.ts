import { type EventRecord, openLinked } from '../../shared/record/event-record.ts';
import { eventId } from '../../shared/record/streams.ts';
import type { Response } from '../../shared/store/responses.ts';

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
