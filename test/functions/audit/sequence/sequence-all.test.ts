import { afterEach, describe, expect, it } from 'vitest';
import { WAITING } from '../../../../functions/audit/sequence/sequence-all.ts';
import { entriesOf, startWorld, type World } from './log-world.ts';

let world: World;
afterEach(() => world.stop());

const waiting = () =>
  world.lines.filter(({ message }) => message === WAITING).map(({ fields }) => fields?.['oldestMs']);

describe('a turn of the sequencer', () => {
  it('tells for how long the oldest entry has waited that it left', async () => {
    world = await startWorld();
    world.clock.now = () => '2026-11-24T10:00:08.000Z';
    const [, second, third] = entriesOf('cmt_a', 3, '2026-11-24T10:00:00.500Z');
    // Their predecessor has not been recorded yet, so they are held back.
    for (const entry of [second, third]) if (entry) await world.take(entry);
    expect(await world.all()).toBe(0);
    expect(waiting()).toEqual([
      Date.parse('2026-11-24T10:00:08.000Z') - Date.parse(second?.recordedAt ?? ''),
    ]);
  });

  it('tells nothing when it left none', async () => {
    world = await startWorld();
    for (const entry of entriesOf('cmt_a', 3)) await world.take(entry);
    expect(await world.all()).toBe(3);
    expect(waiting()).toEqual([]);
  });
});
