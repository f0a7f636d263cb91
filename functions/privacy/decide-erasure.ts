import { decideErasure as schema } from '../../shared/commitment/erasure.ts';
import { readCommand } from '../../shared/lambda/command.ts';
import type { Answer, Call } from '../../shared/lambda/http.ts';
import { problem } from '../../shared/lambda/problem.ts';
import { isId } from '../../shared/runtime/ids.ts';
import type { Erasure } from '../../shared/store/erasures.ts';
import { claim } from '../../shared/store/idempotency.ts';
import { carryOutErasure } from './carry-out-erasure.ts';
import { actOn, answerErasure, invalid, keyReused, notFound, type Office } from './office.ts';

/** `POST /v1/erasures/{id}/decisions`: by somebody else than who asked. What is approved is carried out at once. */
export const decideErasure =
  (office: Office) =>
  async (call: Call): Promise<Answer> => {
    const read = await readCommand(call, schema, invalid);
    if ('status' in read) return read;
    const { decision } = read.fields;
    const actor = await call.actor();
    const claimed = claim(actor.id, call.route, read.key, call.path, read.body.value);
    const used = await office.erasures.seen(claimed);
    if (used && used.payload !== claimed.payload) return keyReused();
    const { id = '' } = call.params;
    const standing = isId(id, 'era') ? await office.erasures.one(id) : null;
    if (!standing) return notFound();
    if (used) return answerErasure(201, await carryOutErasure(standing, call.time, office), true);
    if (standing.requestedBy.id === actor.id)
      return problem('self-decision', 'You asked for this erasure yourself: somebody else has to decide.');
    if (standing.state !== 'requested')
      return problem('already-decided', `This erasure is ${standing.state} already.`);

    const decided: Erasure = { ...standing, state: decision, decidedBy: actor, decidedAt: call.time };
    const step = {
      action: decision === 'approved' ? 'approve-erasure' : 'reject-erasure',
      actor,
      time: call.time,
      commandId: office.newId('cmd'),
      correlation: call.requestId,
      route: call.route,
      facts: { requestedBy: standing.requestedBy.id },
    };
    const written = await office.erasures.write(
      standing,
      decided,
      await office.acts.put(actOn(decided, step)),
      { claim: claimed, commandId: step.commandId, time: call.time },
    );
    if (written.outcome === 'stale')
      return problem('already-decided', 'Somebody else decided this erasure just now.');
    if (written.outcome === 'seen' && written.seen.payload !== claimed.payload) return keyReused();
    const now = written.outcome === 'seen' ? ((await office.erasures.one(id)) ?? decided) : decided;
    return answerErasure(201, await carryOutErasure(now, call.time, office), written.outcome === 'seen');
  };
