import { describe, expect, it } from 'vitest';
import { actionOf, actorOf, bytesAt, commitmentOf, entryAt } from '../../../bench/log/made-trail.ts';
import { decodeEntry } from '../../../shared/trail/entry.ts';
import { matches, type TrailQuery } from '../../../shared/trail/query.ts';

const SIZE = 3000;
const entries = Array.from({ length: SIZE }, (_, index) => entryAt(index));

describe('the made-up trail', () => {
  it('is made of entries that can be read back, of some 650 bytes', () => {
    const lengths = entries.map((entry, index) => {
      const bytes = bytesAt(index);
      expect(decodeEntry(bytes)).toEqual({ entry });
      return bytes.length;
    });
    expect(lengths.reduce((sum, length) => sum + length, 0) / SIZE).toBeCloseTo(650, -1.5);
  });

  it('numbers each stream from 1 without a gap, and links each entry to the one before it', () => {
    const last = new Map<string, { sequence: number; recordHash: string | null }>();
    for (const { stream, sequence, recordHash, previousHash } of entries) {
      const before = last.get(stream) ?? { sequence: 0, recordHash: null };
      expect({ sequence, previousHash }).toEqual({
        sequence: before.sequence + 1,
        previousHash: before.recordHash,
      });
      last.set(stream, { sequence, recordHash: recordHash ?? null });
    }
  });

  it('has a full page for each of the queries that are measured, in its first thousand', () => {
    const first = entries.slice(0, 1000);
    const queries: TrailQuery[] = [
      { order: 'desc', target: commitmentOf(999) },
      { order: 'desc', actor: actorOf(999), action: 'verify' },
      { order: 'desc', question: 'refusals' },
    ];
    for (const query of queries)
      expect(first.filter((entry) => matches(query, entry)).length).toBeGreaterThan(50);
  });

  it('tells of an index what its entry says', () => {
    for (const index of [0, 39, 999, 1000, 2999]) {
      const { actor, action, target } = entryAt(index);
      expect([actorOf(index), actionOf(index), commitmentOf(index)]).toEqual([actor.id, action, target.id]);
    }
  });
});
