import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrange, type Candidate, HOLD_MS } from '../../../../functions/audit/sequence/sequence-order.ts';
import type { AuditEntry } from '../../../../shared/trail/entry.ts';

const START = Date.parse('2026-11-24T10:00:00.000Z');
const timeAt = (ms: number): string => new Date(START + ms).toISOString();

const candidate = (
  stream: string,
  sequence: number,
  at: number,
  more: Partial<AuditEntry> = {},
): Candidate => ({
  marker: '',
  key: { pk: stream, sk: `A#${String(sequence).padStart(10, '0')}` },
  bytes: '',
  entry: {
    v: 1,
    stream,
    sequence,
    action: 'verify',
    outcome: 'success',
    actor: { id: 'per_a', role: 'verifier' },
    observer: 'audit-record',
    target: { type: 'commitment', id: stream },
    claimedAt: timeAt(at),
    recordedAt: timeAt(at),
    ...more,
  },
});

const told = (all: readonly Candidate[]): string[] =>
  all.map(({ entry }) => `${entry.stream}${entry.sequence}`);
const nothing = () => 0;

describe('the order of a batch', () => {
  it('is that in which entries were recorded; what was recorded late stands before its successors', () => {
    const { ready, held } = arrange(
      [candidate('a', 2, 10), candidate('b', 1, 20), candidate('a', 1, 30)],
      nothing,
      timeAt(40),
    );
    expect(told(ready)).toEqual(['a1', 'b1', 'a2']);
    expect(held).toEqual([]);
  });

  it('holds what has no predecessor, and all that follows it, for a while', () => {
    const all = [candidate('a', 3, 0), candidate('a', 4, 5000), candidate('b', 1, 0)];
    const at = (ms: number, reached = nothing as (stream: string) => number) =>
      arrange(all, reached, timeAt(ms));
    expect(told(at(10_000).held)).toEqual(['a3', 'a4']);
    expect(told(at(10_000).ready)).toEqual(['b1']);
    expect(told(at(10_000, (stream) => (stream === 'a' ? 2 : 0)).ready)).toEqual(['a3', 'b1', 'a4']);
    expect(told(at(HOLD_MS).ready)).toEqual(['a3', 'b1', 'a4']);
  });

  it('holds nothing whose time is still to come, and no finding', () => {
    const finding = { finding: { to: 9 } };
    const all = [
      candidate('a', 3, 60_000),
      candidate('integrity.a', 7, 0, finding),
      candidate('integrity.a', 9, 0, finding),
    ];
    expect(arrange(all, nothing, timeAt(0)).held).toEqual([]);
  });

  it('loses and doubles none, keeps each stream in its order, and starves nobody', () => {
    const entries = fc.uniqueArray(
      fc.record({
        stream: fc.constantFrom('a', 'b', 'c'),
        sequence: fc.integer({ min: 1, max: 9 }),
        at: fc.nat(40_000),
      }),
      { selector: ({ stream, sequence }) => `${stream}${sequence}`, maxLength: 27 },
    );
    fc.assert(
      fc.property(entries, fc.nat(9), fc.nat(90_000), (drawn, reached, now) => {
        const all = drawn.map(({ stream, sequence, at }) => candidate(stream, sequence, at));
        const { ready, held } = arrange(all, () => reached, timeAt(now));
        expect([...told(ready), ...told(held)].sort()).toEqual(told(all).sort());
        for (const { entry } of held) {
          const age = Date.parse(timeAt(now)) - Date.parse(entry.recordedAt);
          expect(age).toBeGreaterThanOrEqual(0);
          expect(age).toBeLessThan(HOLD_MS);
        }
        for (const stream of ['a', 'b', 'c']) {
          const own = ready.filter(({ entry }) => entry.stream === stream).map(({ entry }) => entry.sequence);
          expect(own).toEqual([...own].sort((x, y) => x - y));
        }
      }),
    );
  });
});
