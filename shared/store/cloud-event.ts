import { type EventRecord, open } from '../record/event-record.ts';
import { eventId } from '../record/streams.ts';

/** A CloudEvents 1.0 envelope, as it stands in `detail` on the bus, in the feed and in a webhook's body. */
export interface CloudEvent {
  specversion: '1.0';
  /** `<streamId>/<sequence>`: the same at every delivery. */
  id: string;
  source: 'followthrough';
  type: string;
  /** The stream: the id of the commitment or response. */
  subject: string;
  time: string;
  datacontenttype: 'application/json';
  /** Names type and version of `data`; schemas only grow. */
  dataschema: string;
  /** Contiguous from 1 in its stream. */
  sequence: number;
  /** What happened, and (`actor`, `action`) who did what; texts are null where redacted. */
  data: Record<string, unknown>;
}

export function cloudEvent(record: EventRecord): CloudEvent {
  const { type, time, data, actor, action } = open(record);
  return {
    specversion: '1.0',
    id: eventId(record.stream, record.sequence),
    source: 'followthrough',
    type,
    subject: record.stream,
    time,
    datacontenttype: 'application/json',
    dataschema: `urn:followthrough:event:${type}:1`,
    sequence: record.sequence,
    data: { ...data, action, actor },
  };
}
