import { COMMANDS, type Command, type CommandName, type Context } from '../../shared/commitment/command.ts';
import { dayOf } from '../../shared/commitment/dates.ts';
import { decide } from '../../shared/commitment/decide.ts';
import { readCommand } from '../../shared/lambda/command.ts';
import { versionProblem } from '../../shared/lambda/envelope.ts';
import type { Answer, Call } from '../../shared/lambda/http.ts';
import { ownsUnit } from '../../shared/lambda/person.ts';
import { problem, rejected } from '../../shared/lambda/problem.ts';
import { batchGet } from '../../shared/store/commitments.ts';
import { claim, seen } from '../../shared/store/idempotency.ts';
import type { Ledger } from './ledger.ts';
import { invalid } from './page.ts';
import { settleDecision } from './settle-decision.ts';

/** Carries out one command on a commitment that stands: parse, load, decide, commit, answer. */
export const carryOut =
  (name: CommandName, ledger: Ledger) =>
  async (call: Call): Promise<Answer> => {
    const read = await readCommand(call, COMMANDS[name], (errors) => invalid(call, errors));
    if ('status' in read) return read;
    const command = { name, body: read.fields, n: numberIn(call) } as Command;

    const { id = '' } = call.params;
    const actor = await call.actor();
    const asked = claim(actor.id, call.route, read.key, call.path, read.body.value);
    const { state, hash, beside } = await ledger.commitments.load(id, asked.key);
    if (beside) return ledger.replay(call, asked, seen(beside));
    if (!state) return problem('not-found', 'There is no such commitment.');
    const mismatch = versionProblem(read.version, state.head.version);
    if (mismatch) {
      // One call's reads are no snapshot: the state may be newer than the look at the key that changed it.
      const [used] = await batchGet(ledger.client, ledger.table, [asked.key]);
      return used ? ledger.replay(call, asked, seen(used)) : mismatch;
    }

    const context: Context = {
      actor: actor.id,
      role: actor.role,
      ownsUnit: call.person !== null && ownsUnit(call.person.units, state.card.unit),
      today: dayOf(call.time),
      ...(command.name === 'supersede' && { replacementExists: await exists(ledger, command.body.by) }),
    };
    const decision = decide(command, state, context);
    if ('rejected' in decision)
      return decision.errors ? invalid(call, decision.errors, decision) : rejected(decision);

    return settleDecision(ledger, call, decision, { id, state, hash, actor, claim: asked });
  };

/** The number of the occurrence or extension in the path; 0, which nothing has, for what is no number. */
const numberIn = ({ params }: Call): number =>
  /^\d{1,4}$/.test(params['n'] ?? '') ? Number(params['n']) : 0;

const exists = async (ledger: Ledger, id: string): Promise<boolean> =>
  (await ledger.commitments.briefs([id])).has(id);
