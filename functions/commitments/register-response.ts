import type { ResponseRegistered } from '../../shared/commitment/event.ts';
import { decideResponse } from '../../shared/commitment/register.ts';
import { registerResponse as schema } from '../../shared/commitment/schema.ts';
import { readCommand } from '../../shared/lambda/command.ts';
import type { Answer, Call } from '../../shared/lambda/http.ts';
import { rejected } from '../../shared/lambda/problem.ts';
import { sha256 } from '../../shared/record/canonical.ts';
import { batchGet } from '../../shared/store/commitments.ts';
import { claim, seen } from '../../shared/store/idempotency.ts';
import { responseItems } from '../../shared/store/responses.ts';
import type { Ledger } from './ledger.ts';
import { invalid } from './page.ts';
import { sealDecision } from './seal-decision.ts';

/** Registers a management response with its framework and the source text that commitments will cite. */
export const registerResponse =
  (ledger: Ledger) =>
  async (call: Call): Promise<Answer> => {
    const read = await readCommand(call, schema, (errors) => invalid(call, errors));
    if ('status' in read) return read;

    const actor = await call.actor();
    const asked = claim(actor.id, call.route, read.key, call.path, read.body.value);
    const [used] = await batchGet(ledger.client, ledger.table, [asked.key]);
    if (used) return ledger.replay(call, asked, seen(used));

    const { text } = read.fields.source;
    const decision = decideResponse(read.fields, sha256(text));
    if ('rejected' in decision)
      return decision.errors ? invalid(call, decision.errors, decision) : rejected(decision);

    const commandId = ledger.newId('cmd');
    const id = ledger.newId('rsp');
    const records = sealDecision(decision, {
      stream: id,
      version: 0,
      hash: null,
      actor,
      time: call.time,
      commandId,
      correlation: call.requestId,
      newSalt: ledger.newSalt,
    });
    const [registered] = decision.events;
    const response = { id, createdAt: call.time, version: 1, ...(registered?.data as ResponseRegistered) };
    const items = responseItems(response, text);
    return ledger.settle(
      call,
      { state: items, expected: 0, records, claim: asked, commandId, time: call.time },
      response,
    );
  };
