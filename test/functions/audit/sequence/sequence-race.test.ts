import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STEPS, type Step, sequenceBatch } from '../../../../functions/audit/sequence/sequence-batch.ts';
import type { AuditEntry } from '../../../../shared/trail/entry.ts';
import { clientOf } from '../../../kit/dynamodb.ts';
import { type Fault, startFaultyDynamoDb } from '../../../kit/faulty-dynamodb.ts';
import { entriesOf, startWorld, type World } from './log-world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

/** Lets sequencers run one at a time, from step to step, in the order that is drawn. */
class Turns {
  readonly #waiting = new Map<number, () => void>();
  readonly #running = new Map<number, Promise<unknown>>();

  start(id: number, run: (after: (step: Step) => Promise<void>) => Promise<unknown>): Promise<unknown> {
    const done = run(() => new Promise<void>((go) => this.#waiting.set(id, go)));
    const settled = done.catch(() => undefined).finally(() => this.#running.delete(id));
    this.#running.set(id, settled);
    return done;
  }

  /** Lets one go on to its next step, or its end. */
  async step(id: number): Promise<void> {
    const go = this.#waiting.get(id);
    if (!go) return;
    this.#waiting.delete(id);
    go();
    await this.settle(id);
  }

  /** Until it waits for its turn, or has ended. */
  async settle(id: number): Promise<void> {
    while (this.#running.has(id) && !this.#waiting.has(id)) await new Promise((soon) => setImmediate(soon));
  }

  isRunning(id: number): boolean {
    return this.#running.has(id);
  }
}

class Killed extends Error {}

type Action = { who: 0 | 1; steps: number } | { take: number } | { kill: 0 | 1 };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      who: fc.constantFrom(0 as const, 1 as const),
      steps: fc.integer({ min: 1, max: 16 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ take: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ kill: fc.constantFrom(0 as const, 1 as const) }) },
);

let runs = 0;
const taken: AuditEntry[] = [];

describe('two sequencers at once', () => {
  it('make one history with every entry once, however they interleave, stop, and entries arrive', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 4, maxLength: 24 }), async (actions) => {
        const turns = new Turns();
        const dying = new Set<number>();
        const own = entriesOf(`cmt_${runs++}`, 100);
        const take = async (count: number) => {
          for (const entry of own.splice(0, count)) {
            await world.take(entry);
            taken.push(entry);
          }
        };
        const begin = async (id: number) => {
          void turns
            .start(id, (after) =>
              sequenceBatch(world.desk(), async (step) => {
                await after(step);
                if (dying.delete(id)) throw new Killed();
              }),
            )
            .catch((error: unknown) => {
              if (!(error instanceof Killed)) throw error;
            });
          await turns.settle(id);
        };
        await take(2);
        for (const one of actions) {
          if ('take' in one) await take(one.take);
          else if ('kill' in one) {
            if (!turns.isRunning(one.kill)) continue;
            dying.add(one.kill);
            await turns.step(one.kill);
          } else
            for (let step = 0; step < one.steps; step++)
              if (turns.isRunning(one.who)) await turns.step(one.who);
              else await begin(one.who);
        }
        for (const id of [0, 1]) while (turns.isRunning(id)) await turns.step(id);
        await world.all();
        expect(world.findings()).toEqual([]);
        const log = await world.read();
        expect(log).toHaveLength(taken.length);
        expect(placesOf(log)).toEqual(placesOf(taken));
        expect(await world.desk().pending.after(null, 10)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  it('make one history though calls and answers get lost on the way', async () => {
    const faulty = await startFaultyDynamoDb(world.mine.endpoint);
    const client = clientOf(faulty.endpoint);
    const faults: Fault[] = ['lost-answer', 'throttle', 'lost-call'];
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(fc.nat(11)), async (draws) => {
        // Of four calls one or so goes wrong; what goes wrong more often than the client tries stops the sequencer.
        faulty.fault = () => faults[draws.next().value];
        const own = entriesOf(`cmt_${runs++}`, 6);
        const fails = (): undefined => undefined;
        const one = async () => {
          for (let at = 0; at < 4; at++) await sequenceBatch(world.desk(client)).catch(fails);
        };
        const arrive = async () => {
          for (const entry of own) {
            await world.take(entry);
            taken.push(entry);
          }
        };
        await Promise.all([arrive(), one(), one()]);
        await world.all();
        expect(world.findings()).toEqual([]);
        expect(placesOf(await world.read())).toEqual(placesOf(taken));
      }),
      { numRuns: 5 },
    );
    client.destroy();
    await faulty.stop();
  }, 60_000);

  it('at full speed, too', async () => {
    const own = entriesOf(`cmt_${runs++}`, 60);
    let arriving = true;
    const arrive = async () => {
      for (const entry of own) {
        await world.take(entry);
        taken.push(entry);
      }
      arriving = false;
    };
    const one = async () => {
      while (arriving) await sequenceBatch(world.desk());
    };
    await Promise.all([arrive(), one(), one(), one()]);
    await world.all();
    expect(world.findings()).toEqual([]);
    expect(placesOf(await world.read())).toEqual(placesOf(taken));
  });
});

const placesOf = (entries: readonly AuditEntry[]): string[] =>
  entries.map(({ stream, sequence }) => `${stream}/${sequence}`).sort();

it('a test that kills after each step knows them all', () => {
  expect(STEPS).toHaveLength(14);
});
