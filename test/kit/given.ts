import { expect } from 'vitest';
import {
  type Body,
  COMMANDS,
  type Command,
  type CommandName,
  type Context,
} from '../../shared/commitment/command.ts';
import { decide } from '../../shared/commitment/decide.ts';
import type { Decision } from '../../shared/commitment/decision.ts';
import {
  type Action,
  EVENT_TYPES,
  type Event,
  type Happened,
  type Registered,
  type StatusChanged,
} from '../../shared/commitment/event.ts';
import { fold } from '../../shared/commitment/evolve.ts';
import { isRejection, type Rejection, type RejectionCode } from '../../shared/commitment/rejection.ts';
import type { Commitment } from '../../shared/commitment/state.ts';
import type { Status } from '../../shared/commitment/status.ts';

export const ID = 'cmt_00000000000000000000000001';
export const OTHER = 'cmt_00000000000000000000000002';
export const RESPONSE = 'rsp_00000000000000000000000001';

/** Pseudonyms of the people of the tests. */
export const WORKER = 'psn_worker';
export const COORDINATOR = 'psn_coordinator';
export const VERIFIER = 'psn_verifier';

export const registered = (fields: Partial<Registered> = {}): Happened => ({
  type: EVENT_TYPES.registered,
  data: {
    responseId: RESPONSE,
    reference: 'R-1',
    title: 'Publish the framework',
    quote: 'we will publish the framework',
    source: { start: 10, end: 39, sha256: 'a'.repeat(64) },
    section: null,
    type: 'action',
    indicators: ['1.1'],
    kpis: ['1'],
    areas: ['A'],
    unit: 'Department of Results',
    kind: 'planned',
    status: 'not_started',
    claimedOn: null,
    due: { date: '2026-06-30', precision: 'quarter', kind: 'complete', text: 'mid-2026' },
    recurrence: null,
    dependsOn: [],
    systems: [],
    amounts: [],
    note: null,
    ...fields,
  },
});

export const moved = (from: Status, to: Status, extra: Partial<StatusChanged> = {}): Happened => ({
  type: EVENT_TYPES.statusChanged,
  data: { from, to, ...extra },
});

export const reported = (narrative = 'Half of it stands.'): Happened => ({
  type: EVENT_TYPES.progressReported,
  data: { narrative },
});

export const proven = (n = 1, sha256?: string): Happened => ({
  type: EVENT_TYPES.evidenceAdded,
  data: { items: [{ n, title: 'The report', url: 'https://example.org/report', ...(sha256 && { sha256 }) }] },
});

export const asked = (n: number, due: string): Happened => ({
  type: EVENT_TYPES.extensionRequested,
  data: { n, due, precision: 'day', reason: 'The tender was late.' },
});

export const granted = (n: number, due: string): Happened => ({
  type: EVENT_TYPES.extensionGranted,
  data: { n, due, precision: 'day' },
});

/** The shortest history that ends in a status. */
export function historyOf(status: Status, fields: Partial<Registered> = {}): Happened[] {
  const claimed = [registered(fields), reported(), moved('not_started', 'reported_complete'), proven()];
  const histories: Record<Status, () => Happened[]> = {
    draft: () => [registered({ status: 'draft', ...fields })],
    not_started: () => [registered(fields)],
    in_progress: () => [registered(fields), reported(), moved('not_started', 'in_progress')],
    reported_complete: () => claimed,
    verified_complete: () => [...claimed, moved('reported_complete', 'verified_complete')],
    closed_not_implemented: () => [
      registered(fields),
      moved('not_started', 'closed_not_implemented', {
        reason: 'No funds.',
        reasonCode: 'funding_not_secured',
      }),
    ],
    superseded: () => [
      registered(fields),
      moved('not_started', 'superseded', { reason: 'Merged.', by: OTHER }),
    ],
  };
  return histories[status]();
}

/** Puts what happened into the stream of one commitment: one event a day from 1 January 2026 on. */
export const placed = (happened: Happened[], from = 0, by = WORKER): Event[] =>
  happened.map((event, index) => ({
    ...event,
    stream: ID,
    sequence: from + index + 1,
    time: new Date(Date.UTC(2026, 0, 1 + from + index, 9)).toISOString(),
    actor: { id: by, role: 'focal-point' },
    action: 'report-progress' as Action,
    commandId: `cmd_${from + index + 1}`,
    correlation: 'req_1',
  }));

export function stateOf(happened: Happened[]): Commitment {
  const state = fold(placed(happened));
  if (!state) throw new Error('nothing was given');
  return state;
}

/** A command as the HTTP door hands it over: its body is what the schema makes of the input. */
export const command = <N extends CommandName>(name: N, input: object = {}, n?: number): Command =>
  ({ name, body: COMMANDS[name].parse(input) as Body<N>, ...(n !== undefined && { n }) }) as Command;

export const context = (fields: Partial<Context> = {}): Context => ({
  actor: COORDINATOR,
  role: 'coordinator',
  ownsUnit: false,
  today: '2026-03-01',
  replacementExists: true,
  ...fields,
});

export const asVerifier = context({ actor: VERIFIER, role: 'verifier' });
export const asFocalPoint = context({ actor: WORKER, role: 'focal-point', ownsUnit: true });

export interface Outcome {
  result: Decision | Rejection;
  /** Exactly these events follow, in this order. */
  yields(...events: Happened[]): Outcome;
  /** The command is refused, with the code, and with field errors at exactly these pointers. */
  rejected(code: RejectionCode, ...pointers: string[]): Outcome;
  /** The state after: the given one where the command was refused. */
  after(): Commitment;
}

/** Given events (or a state), when a command, it yields events or a rejection. */
export const given = (past: Happened[] | Commitment) => ({
  when(asked: Command, by: Context = context()): Outcome {
    const state = Array.isArray(past) ? stateOf(past) : past;
    const result = decide(asked, state, by);
    const outcome: Outcome = {
      result,
      yields(...events) {
        expect(result).toMatchObject({ events: expect.anything() });
        expect((result as Decision).events).toEqual(events);
        return outcome;
      },
      rejected(code, ...pointers) {
        expect(result).toMatchObject({ rejected: true, code });
        expect(((result as Rejection).errors ?? []).map(({ pointer }) => pointer)).toEqual(pointers);
        expect((result as Rejection).detail).toMatch(/\S.*\.$/);
        return outcome;
      },
      after() {
        if (isRejection(result)) return state;
        return fold(placed(result.events, state.head.version, by.actor), state) ?? state;
      },
    };
    return outcome;
  },
});
