import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { BusEntry } from './entry.ts';

/** What became of one entry: a code where the bus did not take it. */
export interface PutResult {
  code?: string;
  message?: string;
}

/** The bus, as the relay needs it: answers one result for each entry, in order. */
export interface Bus {
  putEvents(entries: readonly BusEntry[]): Promise<PutResult[]>;
}

export function eventBridge(busName: string): Bus {
  const client = new EventBridgeClient({ maxAttempts: 4 });
  return {
    async putEvents(entries) {
      const { Entries = [] } = await client.send(
        new PutEventsCommand({
          Entries: entries.map(({ source, detailType, detail, time }) => ({
            EventBusName: busName,
            Source: source,
            DetailType: detailType,
            Detail: detail,
            Time: new Date(time),
          })),
        }),
      );
      return Entries.map(({ EventId, ErrorCode, ErrorMessage }) =>
        EventId && !ErrorCode ? {} : { code: ErrorCode ?? 'NoEventId', message: ErrorMessage ?? '' },
      );
    },
  };
}
