import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EVENT_TYPES, type Event } from '../../shared/commitment/event.ts';
import { fold } from '../../shared/commitment/evolve.ts';
import type { Commitment } from '../../shared/commitment/state.ts';
import { stale } from '../../shared/lambda/envelope.ts';
import type { Answer, Call } from '../../shared/lambda/http.ts';
import { problem } from '../../shared/lambda/problem.ts';
import { type EventRecord, open } from '../../shared/record/event-record.ts';
import { type Change, commit } from '../../shared/store/commit.ts';
import type { Commitments } from '../../shared/store/commitments.ts';
import type { Events } from '../../shared/store/events.ts';
import type { Claim, Seen } from '../../shared/store/idempotency.ts';
import type { Response, Responses } from '../../shared/store/responses.ts';
import { created } from './answer.ts';
import { representResponse } from './represent.ts';
import { afterCommand } from './surround.ts';

export interface LedgerDeps {
  client: DynamoDBClient;
  table: string;
  commitments: Commitments;
  responses: Responses;
  events: Events;
  newId: (kind: 'cmt' | 'rsp' | 'cmd') => string;
  newSalt: () => string;
}

/** Where commands are settled: their change is committed, or the answer to an earlier use of the key is given again. */
export interface Ledger extends LedgerDeps {
  settle(call: Call, change: Change, after: Commitment | Response): Promise<Answer>;
  replay(call: Call, claim: Claim, seen: Seen): Promise<Answer>;
}

export function makeLedger(deps: LedgerDeps): Ledger {
  const represent = afterCommand(deps.commitments, deps.responses);

  const answer = async (
    call: Call,
    after: Commitment | Response,
    records: EventRecord[],
    replayed: boolean,
  ) =>
    'card' in after
      ? created(call, { commitment: await represent(after, call.time) }, records, replayed)
      : created(call, { response: representResponse(after) }, records, replayed);

  const ledger: Ledger = {
    ...deps,

    async settle(call, change, after) {
      const result = await commit(deps.client, deps.table, change);
      if (result.outcome === 'seen') return ledger.replay(call, change.claim, result.seen);
      if (result.outcome === 'stale') return stale(change.expected, result.version);
      return answer(call, after, change.records, false);
    },

    async replay(call, claim, seen) {
      if (seen.payload !== claim.payload)
        return problem(
          'idempotency-key-reused',
          'This idempotency key was used for something else. Take a new key for each thing you do.',
        );
      const records: EventRecord[] = [];
      for await (const record of deps.events.all(seen.stream)) {
        records.push(record);
        if (record.sequence === seen.last) break;
      }
      const events = records.map(open);
      const after = responseOf(events) ?? fold(events);
      if (!after) throw new Error(`${seen.stream} has no records`);
      return answer(call, after, records.slice(seen.first - 1), true);
    },
  };
  return ledger;
}

function responseOf(events: Event[]): Response | null {
  const [first] = events;
  return first?.type === EVENT_TYPES.responseRegistered
    ? { id: first.stream, createdAt: first.time, version: first.sequence, ...first.data }
    : null;
}
