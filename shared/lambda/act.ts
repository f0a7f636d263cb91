import type { ActData } from '../record/trail-record.ts';
import { newId } from '../runtime/ids.ts';
import type { Act, Acts } from '../store/acts.ts';
import type { Answer, Call } from './http.ts';

/** What a request did or saw. No text that a person sent may stand in its facts. */
export type Done = Omit<ActData, 'route'> & Pick<Act, 'action' | 'part' | 'of'>;

/** The act of a request, for `acts(…).put` in the transaction that carries it out, or for `acts(…).append` alone. */
export const actOf = async (call: Call, done: Done, newCommandId = () => newId('cmd')): Promise<Act> => ({
  ...done,
  route: call.route,
  actor: await call.actor(),
  time: call.time,
  commandId: newCommandId(),
  correlation: call.requestId,
});

type Handler = (call: Call) => Promise<Answer>;

/**
 * A handler whose successful answers go out only after the trail has taken what they show. `seen` says what that is; null where there
 * is nothing to tell.
 */
export const recorded =
  (
    handle: Handler,
    acts: Pick<Acts, 'append'>,
    seen: (call: Call, answer: Answer) => Promise<Done | null>,
  ): Handler =>
  async (call) => {
    const answer = await handle(call);
    const done = answer.status < 400 ? await seen(call, answer) : null;
    if (done) await acts.append(await actOf(call, done));
    return answer;
  };
