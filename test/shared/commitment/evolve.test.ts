import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command, Context } from '../../../shared/commitment/command.ts';
import { decide } from '../../../shared/commitment/decide.ts';
import { EVENT_TYPES, type Event, type Happened } from '../../../shared/commitment/event.ts';
import { evolve, fold } from '../../../shared/commitment/evolve.ts';
import { isRejection } from '../../../shared/commitment/rejection.ts';
import type { Commitment } from '../../../shared/commitment/state.ts';
import { isOpen, TRANSITIONS } from '../../../shared/commitment/status.ts';
import { command, historyOf, ID, OTHER, placed, registered, stateOf } from '../../kit/given.ts';

const evidence = [{ title: 'Minutes', url: 'https://example.org/minutes' }];
const reason = fc.option(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), { nil: undefined });
const n = fc.integer({ min: -1, max: 4 });
const day = fc.integer({ min: 1, max: 28 }).map((d) => `2026-0${(d % 9) + 1}-${String(d).padStart(2, '0')}`);
const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  fc.constant(command('publish')),
  fc
    .record({
      narrative: fc.constant('News.'),
      status: fc.constantFrom('in_progress', 'reported_complete', undefined),
      progress: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
      evidence: fc.constantFrom([], evidence),
      amountsSecured: fc.constantFrom([], [{ amount: 5, currency: 'USD' }], [{ amount: 5, currency: 'EUR' }]),
    })
    .chain((body) =>
      fc.constantFrom(
        command('report-progress', body),
        command('report-occurrence', body, 1),
        command('report-occurrence', body, 2),
      ),
    ),
  fc
    .record({ decision: fc.constantFrom('verified', 'returned'), reason })
    .map((body) => command('verify', body)),
  fc
    .record({ due: day, precision: fc.constantFrom('day', 'year'), reason })
    .map((body) => command('request-extension', body)),
  fc
    .tuple(fc.record({ decision: fc.constantFrom('granted', 'declined'), reason }), n)
    .map(([body, n]) => command('decide-extension', body, n)),
  fc.record({ reasonCode: fc.constant('other'), reason }).map((body) => command('close', body)),
  fc.record({ by: fc.constantFrom(ID, OTHER), reason }).map((body) => command('supersede', body)),
  fc.record({ reason }).map((body) => command('reopen', body)),
);
const anyContext: fc.Arbitrary<Context> = fc.record({
  actor: fc.constantFrom('psn_1', 'psn_2', 'psn_3'),
  role: fc.constantFrom('focal-point', 'coordinator', 'verifier'),
  ownsUnit: fc.boolean(),
  today: day,
  replacementExists: fc.boolean(),
});
const script = fc.array(fc.tuple(anyCommand, anyContext), { maxLength: 25 });
const amounts = [{ amount: 100, currency: 'USD', note: null, secured: 0 }];
const begun = fc.constantFrom(
  registered({ amounts }),
  registered({ status: 'draft' }),
  registered({ status: 'reported_complete', kind: 'done', claimedOn: '2024-01-24', due: null }),
  registered({
    recurrence: { text: null, frequency: 'monthly', from: '2026-01-31' },
    due: { date: null, precision: null, kind: 'recurring', text: null },
  }),
);

function freeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}

/** Plays a script, every input frozen: the events, and the state that was kept after each accepted command. */
function play(first: Happened, commands: [Command, Context][]) {
  const events: Event[] = [...freeze(placed([first]))];
  const kept: Commitment[] = [];
  let state = freeze(fold(events) as Commitment);
  for (const [asked, context] of commands) {
    const decision = decide(freeze(asked), state, freeze(context));
    if (isRejection(decision)) continue;
    const fresh = freeze(placed(decision.events, state.head.version, context.actor));
    state = freeze(fold(fresh, state) as Commitment);
    events.push(...fresh);
    kept.push(state);
  }
  return { events, kept, state };
}

const playing = (check: (played: ReturnType<typeof play>) => void) =>
  fc.assert(
    fc.property(begun, script, (first, commands) => {
      check(play(structuredClone(first), structuredClone(commands)));
    }),
    { numRuns: 300 },
  );

describe('any sequence of commands', () => {
  it('leaves the state that its events fold to, at every moment', () => {
    playing(({ events, kept, state }) => {
      expect(fold(events)).toEqual(state);
      for (const then of kept) expect(fold(events.slice(0, then.head.version))).toEqual(then);
    });
  });

  it('counts one version an event', () => {
    playing(({ events, state }) => expect(state.head.version).toBe(events.length));
  });

  it('never changes the original due date, nor the card', () => {
    playing(({ kept, events }) => {
      const first = fold(events.slice(0, 1));
      for (const { head, card } of kept) {
        expect(head.originalDue).toEqual(first?.head.originalDue);
        expect(card).toEqual(first?.card);
      }
    });
  });

  it('moves along the lifecycle only, each change told by its own event', () => {
    playing(({ events }) => {
      let status = fold(events.slice(0, 1))?.head.status;
      for (const event of events) {
        if (event.type !== EVENT_TYPES.statusChanged) continue;
        const { from, to } = event.data;
        expect(from).toBe(status);
        expect(from).not.toBe(to);
        expect(TRANSITIONS.some((way) => way.from.includes(from) && way.to === to)).toBe(true);
        status = to;
      }
    });
  });

  it('accepts nothing but a reopening while closed', () => {
    playing(({ events }) => {
      let state: Commitment | null = null;
      for (const event of events) {
        if (state && !isOpen(state.head.status))
          expect(event).toMatchObject({ type: EVENT_TYPES.statusChanged, data: { to: 'in_progress' } });
        state = evolve(state, event);
      }
    });
  });

  it('lets nobody verify what they reported on, nor decide what they asked for', () => {
    playing(({ events, state }) => {
      const reporters = new Set<string>();
      for (const event of events) {
        if (event.type === EVENT_TYPES.progressReported) reporters.add(event.actor.id);
        if (
          event.type === EVENT_TYPES.statusChanged &&
          event.data.from === 'reported_complete' &&
          ['verified_complete', 'in_progress'].includes(event.data.to)
        )
          expect(reporters).not.toContain(event.actor.id);
      }
      for (const { decidedBy, requestedBy } of state.extensions) expect(decidedBy).not.toBe(requestedBy);
      expect(new Set(state.head.reporters)).toEqual(reporters);
    });
  });

  it('keeps lists that are numbered from 1, as long as the head says', () => {
    playing(({ state }) => {
      for (const list of ['evidence', 'extensions', 'occurrences'] as const) {
        expect(state[list].map(({ n }) => n)).toEqual(state[list].map((_, index) => index + 1));
        expect(state.head[list]).toBe(state[list].length);
      }
      expect(state.extensions.filter(({ decision }) => decision === null).length).toBeLessThanOrEqual(1);
    });
  });

  it('claims only with evidence, old or new, or by the response itself', () => {
    playing(({ events, kept }) => {
      for (const { head } of kept)
        if (
          head.status === 'reported_complete' &&
          events[0]?.type === EVENT_TYPES.registered &&
          events[0].data.kind !== 'done'
        )
          expect(head.evidence).toBeGreaterThan(0);
    });
  });
});

describe('evolve', () => {
  const [first, second] = placed(historyOf('in_progress')) as [Event, Event];

  it('refuses gaps, repetitions and a wrong beginning', () => {
    const state = stateOf(historyOf('in_progress'));
    for (const sequence of [0, 1, 3, 5, 1.5])
      expect(() => evolve(state, { ...second, sequence })).toThrow(RangeError);
    expect(() => evolve(null, { ...first, sequence: 2 })).toThrow(RangeError);
    expect(() => evolve(null, { ...second, sequence: 1 })).toThrow(RangeError);
  });

  it('lets an event that it does not know move the version only', () => {
    const state = stateOf(historyOf('in_progress'));
    const unknown = {
      ...second,
      type: 'followthrough.commitment.sung',
      data: { verse: 1 },
      sequence: 4,
    } as unknown as Event;
    expect(evolve(state, unknown)).toEqual({
      ...state,
      head: { ...state.head, version: 4, updatedAt: second.time },
    });
  });

  it('keeps what was redacted as null', () => {
    const events = placed(historyOf('closed_not_implemented')).map((event) =>
      event.type === EVENT_TYPES.statusChanged ? { ...event, data: { ...event.data, reason: null } } : event,
    );
    expect(fold(events)?.head.closure).toEqual({ reasonCode: 'funding_not_secured', reason: null });
  });

  it('folds nothing to nothing', () => {
    expect(fold([])).toBeNull();
  });
});
