import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Actor } from '../commitment/event.ts';
import { events, recordItem } from './events.ts';
import { actStream, refusalKey } from './keys.ts';
import { sealData } from './record.ts';

/** A command that was taken and yields no event, for the audit trail: no text that the person sent is in it. */
export interface Act {
  target: { type: 'subscription'; id: string };
  /** The audit verb. */
  action: string;
  route: string;
  actor: Actor;
  time: string;
  commandId: string;
  correlation: string;
}

export const ACT_TYPE = 'followthrough.act';

/**
 * The put of an act's record, for the transaction that carries the command out: the act is recorded exactly when it is done. Where
 * another act on the target was faster, its condition fails.
 */
export type PutOfAct = (act: Act) => Promise<TransactWriteItem>;

export function acts(client: DynamoDBClient, table: string): PutOfAct {
  const records = events(client, table, 'refusal');
  return async (act) => {
    const stream = actStream(act.target.id);
    const last = await records.last(stream);
    const { target, route } = act;
    const placed = { ...act, stream, sequence: (last?.sequence ?? 0) + 1 };
    const record = sealData(ACT_TYPE, { target, route }, placed, last?.hash ?? null);
    return {
      Put: {
        TableName: table,
        Item: recordItem(refusalKey(stream, record.sequence), record),
        ConditionExpression: 'attribute_not_exists(pk)',
      },
    };
  };
}
