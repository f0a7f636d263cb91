import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openPositions } from '../../../../local/host/event-sources/positions.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'positions-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('positions', () => {
  it('are there again after a restart, and are one file', () => {
    const before = openPositions(folder, 'm', 'stream');
    before.save('a', '10');
    before.save('b', '20');
    before.finish('a');
    const after = openPositions(folder, 'm', 'stream');
    expect([after.of('a'), after.isFinished('a'), after.of('b'), after.isFinished('b')]).toEqual([
      '10',
      true,
      '20',
      false,
    ]);
    expect(after.startedAt).toBe(before.startedAt);
    expect(readdirSync(join(folder, 'positions'))).toEqual(['m.json']);
  });

  it('of another stream, or that cannot be read, are none', () => {
    openPositions(folder, 'm', 'old').save('a', '10');
    expect(openPositions(folder, 'm', 'new').of('a')).toBeUndefined();
    writeFileSync(join(folder, 'positions', 'm.json'), '{"streamArn":"ne');
    expect(openPositions(folder, 'm', 'new').of('a')).toBeUndefined();
  });

  it('forget shards that are gone', () => {
    const positions = openPositions(folder, 'm', 'stream');
    positions.finish('a');
    positions.save('b', '1');
    positions.keepOnly(new Set(['b']));
    expect(positions.isFinished('a')).toBe(false);
    expect(openPositions(folder, 'm', 'stream').of('b')).toBe('1');
  });
});
