import type { AuditEntry } from './entry.ts';

/**
 * Two things that one person may not both do (segregation of duties), as data: an entry of `first` and one of `second` by one actor,
 * both of them successes.
 */
export interface Duty {
  label: string;
  first: Act;
  second: Act;
  /** What has to be the same beside the actor: nothing, the target, or the target and the extension that both are about. */
  same: 'actor' | 'target' | 'extension';
  /** Whether it is the first only where it came before the second. */
  inOrder: boolean;
  /** What was refused to those who tried. */
  attempts: { actions: readonly string[]; codes: readonly string[] };
  /** What stands in the way of it. */
  mitigations: readonly string[];
}

export interface Act {
  actions: readonly string[];
  /** In this role; in any, where none is named. */
  role?: string;
}

export const DUTIES = {
  'report-and-verify': {
    label: 'Nobody verifies or returns a claim on a commitment that they reported on.',
    first: { actions: ['report-progress'] },
    second: { actions: ['verify', 'return'] },
    same: 'target',
    inOrder: true,
    attempts: { actions: ['verify', 'return'], codes: ['self-verification'] },
    mitigations: [
      'The command is refused with self-verification, by the commitment itself and under its version, so that no two commands at once get past it.',
      'The reporters of a commitment are part of its state, which is a fold of its hashed records.',
    ],
  },
  'request-and-decide-extension': {
    label: 'Nobody decides an extension that they requested.',
    first: { actions: ['request-extension'] },
    second: { actions: ['grant-extension', 'decline-extension'] },
    same: 'extension',
    inOrder: true,
    attempts: {
      actions: ['decide-extension', 'grant-extension', 'decline-extension'],
      codes: ['self-decision'],
    },
    mitigations: ['The command is refused with self-decision, whatever roles the person has.'],
  },
  'request-and-decide-erasure': {
    label: 'Nobody decides an erasure that they asked for: it takes two people.',
    first: { actions: ['request-erasure'] },
    second: { actions: ['approve-erasure', 'reject-erasure'] },
    same: 'target',
    inOrder: true,
    attempts: { actions: ['decide-erasure', 'approve-erasure', 'reject-erasure'], codes: ['self-decision'] },
    mitigations: [
      'The decision is refused with self-decision.',
      'What was erased stands in the log as its salted hash: the verifier says "redacted", never "missing".',
    ],
  },
  'administer-and-audit': {
    label: 'Nobody who administers the system reads or takes away the whole trail as its auditor.',
    first: { actions: ['recalculate', 'request-erasure'], role: 'administrator' },
    second: { actions: ['read-trail', 'export-trail', 'download-export'], role: 'auditor' },
    same: 'actor',
    inOrder: false,
    attempts: { actions: ['read-trail', 'export-trail'], codes: ['forbidden'] },
    mitigations: [
      'As administrators, people see their own entries only.',
      'The table of the trail takes new items alone, and the log is signed, locked and witnessed elsewhere: write access is of no use to hide anything.',
    ],
  },
} as const satisfies Record<string, Duty>;

export type DutyId = keyof typeof DUTIES;
export const DUTY_IDS = Object.keys(DUTIES) as DutyId[];

/** What of an entry and its place a duty looks at. */
export interface Placed {
  index: number;
  entry: AuditEntry;
}

/** Whether two entries break a duty. */
export const breaks = (duty: Duty, first: Placed, second: Placed): boolean =>
  isDone(first.entry, duty.first) &&
  isDone(second.entry, duty.second) &&
  subjectOf(duty, first.entry) === subjectOf(duty, second.entry) &&
  (!duty.inOrder || first.index < second.index);

const isDone = ({ action, outcome, actor }: AuditEntry, { actions, role }: Act): boolean =>
  outcome === 'success' && actions.includes(action) && (role === undefined || actor.role === role);

/** Who did it, and to what. */
function subjectOf({ same }: Duty, { actor, target, changes }: AuditEntry): string {
  if (same === 'actor') return actor.id;
  const extension = same === 'extension' ? /^\/extensions\/\d+/.exec(changes?.[0]?.path ?? '')?.[0] : '';
  return `${actor.id} ${target.id} ${extension}`;
}
