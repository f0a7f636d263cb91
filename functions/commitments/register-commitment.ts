import { decideRegistration } from '../../shared/commitment/register.ts';
import { registerCommitment as schema } from '../../shared/commitment/schema.ts';
import { readCommand } from '../../shared/lambda/command.ts';
import type { Answer, Call } from '../../shared/lambda/http.ts';
import { rejected } from '../../shared/lambda/problem.ts';
import { batchGet } from '../../shared/store/commitments.ts';
import { claim, seen } from '../../shared/store/idempotency.ts';
import type { Ledger } from './ledger.ts';
import { invalid } from './page.ts';
import { settleDecision } from './settle-decision.ts';

/** Registers one promise of a response. */
export const registerCommitment =
  (ledger: Ledger) =>
  async (call: Call): Promise<Answer> => {
    const read = await readCommand(call, schema, (errors) => invalid(call, errors));
    if ('status' in read) return read;

    const { responseId, dependsOn } = read.fields;
    const actor = await call.actor();
    const asked = claim(actor.id, call.route, read.key, call.path, read.body.value);
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
    const decision = decideRegistration(read.fields, { response, text, known });
    if ('rejected' in decision)
      return decision.errors ? invalid(call, decision.errors, decision) : rejected(decision);

    const id = ledger.newId('cmt');
    return settleDecision(ledger, call, decision, { id, state: null, hash: null, actor, claim: asked });
  };
