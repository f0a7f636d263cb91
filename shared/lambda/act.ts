import type { ActData } from '../record/trail-record.ts';
import { newId } from '../runtime/ids.ts';
import type { Act } from '../store/acts.ts';
import type { Call } from './http.ts';

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
