import type { Decision } from '../../shared/commitment/decision.ts';
import type { Actor } from '../../shared/commitment/event.ts';
import { fold } from '../../shared/commitment/evolve.ts';
import type { Commitment } from '../../shared/commitment/state.ts';
import type { Answer, Call } from '../../shared/lambda/http.ts';
import { stateItems } from '../../shared/store/commitments.ts';
import type { Claim } from '../../shared/store/idempotency.ts';
import type { Ledger } from './ledger.ts';
import { place, sealDecision } from './seal-decision.ts';

/** What a decision about a commitment was made on; `state` and `hash` are null for a new one. */
export interface Ground {
  id: string;
  state: Commitment | null;
  /** The hash of its last record. */
  hash: string | null;
  actor: Actor;
  claim: Claim;
}

/** Seals a decision about a commitment, commits it with the state that follows, and answers. */
export function settleDecision(
  ledger: Ledger,
  call: Call,
  decision: Decision,
  { id, state, hash, actor, claim }: Ground,
): Promise<Answer> {
  const { time, requestId } = call;
  const expected = state?.head.version ?? 0;
  const commandId = ledger.newId('cmd');
  const placement = {
    stream: id,
    version: expected,
    hash,
    actor,
    time,
    commandId,
    correlation: requestId,
    newSalt: ledger.newSalt,
  };
  const records = sealDecision(decision, placement);
  const after = fold(place(decision, placement), state);
  const last = records.at(-1);
  if (!after || !last) throw new RangeError('a decision without an event');
  const items = stateItems(state, after, last.hash);
  return ledger.settle(call, { state: items, expected, records, claim, commandId, time }, after);
}
