import { afterEach, describe, expect, it } from 'vitest';
import { STEPS } from '../../../functions/audit/sequence-batch.ts';
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
});
