import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Actor } from '../commitment/event.ts';
import { type EventRecord, sealData } from '../record/event-record.ts';
import { actStream } from '../record/streams.ts';
import { ACT_TYPE, type ActData } from '../record/trail-record.ts';
import { append } from './append.ts';
import { events, recordItem } from './events.ts';
import { refusalKey } from './keys.ts';

/** Something that yields no event, for the audit trail: no text that a person sent is in it. */
export interface Act extends ActData {
  /** The audit verb. */
  action: string;
  actor: Actor;
  time: string;
  commandId: string;
  correlation: string;
  /** In whose stream it stands, where that is not the target's own. */
  of?: string;
  /** Which of those streams, where one would have too many writers at once. */
  part?: string;
}

export interface Acts {
  /**
   * The put of an act's record, for the transaction that carries the act out: it is recorded exactly when it is done. Where another
   * act on the target was faster, its condition fails.
   */
  put(act: Act): Promise<TransactWriteItem>;
  /** Records an act that changes nothing else. */
  append(act: Act): Promise<EventRecord>;
}

export function acts(client: DynamoDBClient, table: string): Acts {
  const records = events(client, table, 'refusal');
  return {
    async put(act) {
      const stream = streamOf(act);
      const last = await records.last(stream);
      const record = sealed(act, stream, (last?.sequence ?? 0) + 1, last?.hash ?? null);
      return {
        Put: {
          TableName: table,
          Item: recordItem(refusalKey(stream, record.sequence), record),
          ConditionExpression: 'attribute_not_exists(pk)',
        },
      };
    },
    append(act) {
      const stream = streamOf(act);
      return append(client, table, { stream, kind: 'refusal' }, (sequence, previousHash) =>
        sealed(act, stream, sequence, previousHash),
      );
    },
  };
}

const streamOf = ({ target, of = target.id, part }: Act): string => actStream(part ? `${of}.${part}` : of);

function sealed(
  { action, actor, time, commandId, correlation, of: _, part: __, ...data }: Act,
  stream: string,
  sequence: number,
  previousHash: string | null,
): EventRecord {
  const placed = { action, actor, time, commandId, correlation, stream, sequence };
  return sealData(ACT_TYPE, data, placed, previousHash);
}
