import * as z from 'zod/mini';
import type { Actor } from '../../shared/commitment/event.ts';
import { readCommand } from '../../shared/lambda/command.ts';
import type { Answer, Call } from '../../shared/lambda/http.ts';
import { problem } from '../../shared/lambda/problem.ts';
import { claim } from '../../shared/store/idempotency.ts';
import type { Recalculations } from '../../shared/store/recalculations.ts';
import { Busy } from './projector.ts';
import type { Rebuilt } from './rebuild.ts';

/** What was found, by whom and when. */
export interface Told {
  rebuilt: Rebuilt;
  actor: Actor;
  time: string;
  commandId: string;
  correlation: string;
}

export interface RecalculateDeps {
  recalculations: Recalculations;
  rebuild: (holder: string) => Promise<Rebuilt>;
  newCommandId: () => string;
  /** Puts the event of a recalculation into the outbox. */
  tell: (told: Told) => Promise<unknown>;
  now: () => number;
}

/** Rebuilds the totals of all responses. The same key gets the same answer, and no second rebuild. */
export const recalculateAll =
  ({ recalculations, rebuild, newCommandId, tell, now }: RecalculateDeps) =>
  async (call: Call): Promise<Answer> => {
    const read = await readCommand(call, nothing, (errors) =>
      problem('invalid-body', 'A recalculation takes no fields.', { errors }),
    );
    if ('status' in read) return read;
    const actor = await call.actor();
    const asked = claim(actor.id, call.route, read.key, call.path, read.body.value);
    const earlier = await recalculations.begin(asked, now());
    if (earlier && earlier.payload !== asked.payload)
      return problem('idempotency-key-reused', 'This key was sent with another body. Draw a new key.');
    if (earlier && earlier.answer === null)
      return problem('idempotency-key-in-use', 'A recalculation with this key is under way.', {
        headers: { 'retry-after': '5' },
      });
    if (earlier) return done(earlier.answer, { 'idempotency-replayed': 'true' });
    try {
      const commandId = newCommandId();
      const answer = await rebuild(commandId);
      await tell({
        rebuilt: answer,
        actor,
        time: call.time,
        commandId,
        correlation: call.requestId,
      });
      await recalculations.finish(asked, answer);
      return done(answer);
    } catch (error) {
      await recalculations.abandon(asked);
      if (!(error instanceof Busy)) throw error;
      return problem('try-again', 'Another recalculation is under way, or this one took too long.', {
        headers: { 'retry-after': '30' },
      });
    }
  };

const nothing = z.strictObject({});

const done = (body: unknown, headers: Record<string, string> = {}): Answer => ({
  status: 201,
  headers: { 'cache-control': 'no-store', location: '/v1/rollups', ...headers },
  body,
});
