import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EVENT_TYPES } from '../../shared/commitment/event.ts';
import { type EventRecord, seal } from '../../shared/record/event-record.ts';
import { ROLLUPS_STREAM } from '../../shared/record/streams.ts';
import { newSalt } from '../../shared/runtime/ids.ts';
import { append } from '../../shared/store/append.ts';
import type { Told } from './recalculate-all.ts';

/** Puts the event of a recalculation into the outbox: into a stream of its own, that has no state. */
export const tellOf =
  (client: DynamoDBClient, table: string) =>
  ({ rebuilt, actor, time, commandId, correlation }: Told): Promise<EventRecord> =>
    append(client, table, { stream: ROLLUPS_STREAM, kind: 'event' }, (sequence, previousHash) =>
      seal(
        { type: EVENT_TYPES.rollupRecalculated, data: rebuilt },
        { stream: ROLLUPS_STREAM, sequence, time, actor, action: 'recalculate', commandId, correlation },
        previousHash,
        newSalt,
      ),
    );
