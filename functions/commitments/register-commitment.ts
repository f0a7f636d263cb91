import { fold } from '../../shared/commitment/evolve.ts';
import { decideRegistration } from '../../shared/commitment/register.ts';
import { registerCommitment as schema } from '../../shared/commitment/schema.ts';
import { readEnvelope } from '../../shared/lambda/envelope.ts';
import type { Answer, Call } from '../../shared/lambda/http.ts';
import { rejected } from '../../shared/lambda/problem.ts';
import { validate } from '../../shared/lambda/validate.ts';
import { batchGet, stateItems } from '../../shared/store/commitments.ts';
import { claim, seen } from '../../shared/store/idempotency.ts';
import type { Ledger } from './ledger.ts';
import { invalid } from './page.ts';
import { place, sealDecision } from './seal-decision.ts';

/** Registers one promise of a response. */
export const registerCommitment =
  (ledger: Ledger) =>
  async (call: Call): Promise<Answer> => {
    const envelope = await readEnvelope(call);
    if ('status' in envelope) return envelope;
    const body = validate(schema, envelope.body);
    if (!body.ok) return invalid(call, body.errors);

    const { responseId, dependsOn } = body.value;
    const actor = await ledger.actor(call);
    const asked = claim(actor.id, call.route, envelope.key, call.path, envelope.body.value);
    const [[used], response, text, dependencies] = await Promise.all([
      batchGet(ledger.client, ledger.table, [asked.key]),
      ledger.responses.one(responseId),
      ledger.responses.text(responseId),
      ledger.commitments.briefs(dependsOn),
    ]);
    if (used) return ledger.replay(call, asked, seen(used));
    if (!response || text === null)
      return invalid(call, [
        { pointer: '/responseId', code: 'unknown-response', detail: 'names no registered response' },
      ]);

    const known = new Set(dependencies.keys());
    const decision = decideRegistration(body.value, { response, text, known });
    if ('rejected' in decision)
      return decision.errors ? invalid(call, decision.errors, decision) : rejected(decision);

    const commandId = ledger.newId('cmd');
    const stream = ledger.newId('cmt');
    const placement = {
      stream,
      version: 0,
      hash: null,
      actor,
      time: call.time,
      commandId,
      correlation: call.requestId,
      newSalt: ledger.newSalt,
    };
    const records = sealDecision(decision, placement);
    const after = fold(place(decision, placement));
    const last = records.at(-1);
    if (!after || !last) throw new RangeError('a decision without an event');
    const items = stateItems(null, after, last.hash);
    return ledger.settle(
      call,
      { state: items, expected: 0, records, claim: asked, commandId, time: call.time },
      after,
    );
  };
