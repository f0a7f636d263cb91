import { dayOf } from './dates.ts';
import { EVENT_TYPES, type Event, type EventOf, type ExtensionDecided } from './event.ts';
import type { Commitment, Extension, Head } from './state.ts';

/**
 * The state after one more event. Total: an event that another version of this code wrote and this one doesn't know moves only the version.
 * @throws RangeError where the event is not the next of its stream.
 */
export function evolve(state: Commitment | null, event: Event): Commitment {
  const expected = (state?.head.version ?? 0) + 1;
  if (event.sequence !== expected)
    throw new RangeError(`${event.stream}: event ${event.sequence} where ${expected} comes next`);
  if (event.type === EVENT_TYPES.registered) return register(event);
  if (!state) throw new RangeError(`${event.stream}: begins with ${event.type}`);
  const next = apply(state, event);
  return { ...next, head: { ...next.head, version: event.sequence, updatedAt: event.time } };
}

/** The state after all of `events`, in order; null for none. */
export const fold = (events: Iterable<Event>, from: Commitment | null = null): Commitment | null => {
  let state = from;
  for (const event of events) state = evolve(state, event);
  return state;
};

function register(event: EventOf<typeof EVENT_TYPES.registered>): Commitment {
  const { status, claimedOn, due, amounts, ...fixed } = event.data;
  return {
    card: { id: event.stream, createdAt: event.time, ...fixed },
    head: {
      status,
      progress: null,
      narrative: null,
      due,
      originalDue: due,
      amounts,
      claimedOn,
      reporters: [],
      reportedAt: null,
      closure: null,
      supersededBy: null,
      evidence: 0,
      extensions: 0,
      occurrences: 0,
      version: event.sequence,
      updatedAt: event.time,
    },
    evidence: [],
    extensions: [],
    occurrences: [],
  };
}

function apply(state: Commitment, event: Event): Commitment {
  switch (event.type) {
    case EVENT_TYPES.progressReported:
      return report(state, event);
    case EVENT_TYPES.statusChanged:
      return { ...state, head: { ...state.head, ...changed(state.head, event) } };
    case EVENT_TYPES.evidenceAdded: {
      const added = event.data.items.map(({ n, title, url, sha256 }) => ({
        n,
        title,
        url,
        sha256: sha256 ?? null,
        addedAt: event.time,
        addedBy: event.actor.id,
      }));
      const evidence = [...state.evidence, ...added];
      return { ...state, evidence, head: { ...state.head, evidence: evidence.length } };
    }
    case EVENT_TYPES.extensionRequested: {
      const { n, due, precision, reason } = event.data;
      const asked: Extension = {
        n,
        due,
        precision,
        reason,
        requestedBy: event.actor.id,
        requestedAt: event.time,
        decision: null,
        decidedAt: null,
        decidedBy: null,
        decisionReason: null,
      };
      const extensions = [...state.extensions, asked];
      return { ...state, extensions, head: { ...state.head, extensions: extensions.length } };
    }
    case EVENT_TYPES.extensionGranted: {
      const { due, precision } = event.data;
      const kind = state.head.due?.kind === 'none' ? 'complete' : (state.head.due?.kind ?? 'complete');
      return {
        ...state,
        extensions: decided(state.extensions, event.data, 'granted', event),
        head: { ...state.head, due: { date: due, precision, kind, text: null } },
      };
    }
    case EVENT_TYPES.extensionDeclined:
      return { ...state, extensions: decided(state.extensions, event.data, 'declined', event) };
    default:
      return state;
  }
}

function report(state: Commitment, event: EventOf<typeof EVENT_TYPES.progressReported>): Commitment {
  const { narrative, progress, amountsSecured, occurrence } = event.data;
  const { head } = state;
  const reported: Head = {
    ...head,
    narrative,
    reportedAt: event.time,
    reporters: head.reporters.includes(event.actor.id) ? head.reporters : [...head.reporters, event.actor.id],
    amounts: secured(head.amounts, amountsSecured ?? []),
  };
  if (!occurrence) return { ...state, head: { ...reported, progress: progress ?? head.progress } };
  const before = state.occurrences.find(({ n }) => n === occurrence.n);
  const now = {
    n: occurrence.n,
    due: occurrence.due,
    status: occurrence.status,
    progress: progress ?? before?.progress ?? null,
    narrative,
    reportedAt: event.time,
    claimedOn: occurrence.status === 'reported_complete' ? (before?.claimedOn ?? dayOf(event.time)) : null,
  };
  const occurrences = [...state.occurrences.filter(({ n }) => n !== occurrence.n), now].sort(
    (a, b) => a.n - b.n,
  );
  return { ...state, occurrences, head: { ...reported, occurrences: occurrences.length } };
}

function changed(head: Head, event: EventOf<typeof EVENT_TYPES.statusChanged>): Partial<Head> {
  const { to, reason, reasonCode, by } = event.data;
  return {
    status: to,
    claimedOn: claimAfter(head, to, event.time),
    closure: to === 'closed_not_implemented' && reasonCode ? { reasonCode, reason: reason ?? null } : null,
    supersededBy: to === 'superseded' ? (by ?? null) : null,
  };
}

/** A claim stands from its report until it is returned or reopened; verification keeps it. */
function claimAfter(head: Head, to: Head['status'], time: string): string | null {
  if (to === 'reported_complete') return dayOf(time);
  return to === 'in_progress' || to === 'not_started' ? null : head.claimedOn;
}

/** The first amount of each currency takes the total that was reported as secured. */
function secured(
  amounts: Head['amounts'],
  reported: { amount: number; currency: string }[],
): Head['amounts'] {
  return reported.reduce((rest, { amount, currency }) => {
    const index = rest.findIndex((candidate) => candidate.currency === currency);
    return rest.map((candidate, i) => (i === index ? { ...candidate, secured: amount } : candidate));
  }, amounts);
}

function decided(
  extensions: Extension[],
  { n, reason }: ExtensionDecided,
  decision: 'granted' | 'declined',
  event: Event,
): Extension[] {
  return extensions.map((extension) =>
    extension.n === n
      ? {
          ...extension,
          decision,
          decidedAt: event.time,
          decidedBy: event.actor.id,
          decisionReason: reason ?? null,
        }
      : extension,
  );
}
