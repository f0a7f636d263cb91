import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { STEPS } from '../../../../functions/audit/sequence/sequence-batch.ts';
import { inParallel } from '../../../../shared/runtime/parallel.ts';
import { entriesOf, startWorld, type World } from './log-world.ts';

let world: World;
afterEach(() => world.stop());

describe('the sequencer', () => {
  it('gives every entry its place, in the order in which they were recorded', async () => {
    world = await startWorld();
    const [a, b] = [entriesOf('cmt_a', 3), entriesOf('cmt_b', 2, '2026-11-24T10:00:00.500Z')];
    for (const entry of [...a, ...b]) await world.take(entry);
    expect(await world.all()).toBe(5);
    expect(await world.read()).toEqual([a[0], b[0], a[1], b[1], a[2]]);
    expect(await world.desk().pending.after(null, 10)).toEqual([]);
    expect(world.findings()).toEqual([]);
  });

  it('goes on where one stopped, whatever the step', async () => {
    world = await startWorld();
    const taken = [];
    for (const step of STEPS) {
      const entries = entriesOf(`cmt_${step}`, 3);
      for (const entry of entries) await world.take(entry);
      taken.push(...entries);
      await expect(
        world.once((reached) => {
          if (reached === step) throw new Error(`killed after ${step}`);
        }),
      ).rejects.toThrow(`killed after ${step}`);
      await world.all();
      expect(await world.read()).toHaveLength(taken.length);
    }
    expect(world.findings()).toEqual([]);
  });

  it('goes on batch after batch until nothing waits', async () => {
    world = await startWorld();
    const entries = Array.from({ length: 6 }, (_, n) => entriesOf(`cmt_${n}`, 180)).flat();
    const taken = entries.map((entry) => () => world.take(entry));
    await inParallel(taken, 25, (take) => take());
    expect(await world.all()).toBe(1080);
    expect((await world.desk().batches.from(0, 10)).map(({ size }) => size)).toEqual([1000, 1080]);
    expect(await world.read()).toHaveLength(1080);
  }, 60_000);

  it('tells from a time where in the log its entries can be, whatever the clocks said', async () => {
    world = await startWorld();
    const time = fc.integer({ min: 0, max: 100_000 });
    const batches = fc.array(
      fc.record({ now: time, recorded: fc.array(time, { minLength: 1, maxLength: 4 }) }),
      { minLength: 1, maxLength: 5 },
    );
    const START = Date.parse('2026-11-24T10:00:00.000Z');
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(batches, async (drawn) => {
        for (const { now, recorded } of drawn) {
          // Every run is a day of its own, so that its times say something.
          const day = START + runs * 86_400_000;
          const stream = `cmt_${runs}_${Math.random()}`;
          for (const [at, entry] of entriesOf(stream, recorded.length).entries()) {
            const recordedAt = new Date(day + (recorded[at] ?? 0)).toISOString();
            await world.take({ ...entry, recordedAt });
          }
          world.clock.now = () => new Date(day + now).toISOString();
          await world.all();
        }
        runs++;
        const { batches: published, head } = world.desk();
        const { maxDelayMs = 0, size = 0 } = (await head.read()) ?? {};
        for (const [index, { recordedAt }] of (await world.read()).entries()) {
          expect(await published.indexAt(recordedAt)).toBeLessThanOrEqual(index);
          const later = new Date(Date.parse(recordedAt) + maxDelayMs + 1).toISOString();
          expect((await published.indexAt(later)) ?? size).toBeGreaterThan(index);
        }
      }),
      { numRuns: 8 },
    );
  }, 60_000);
});
