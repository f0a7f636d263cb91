import { LATE_MS } from './columns.ts';
import type { Outcome } from './entry.ts';

/** What an entry has to be for a question to be about it: all that is named has to hold, one of each list. */
export interface Question {
  /** What a person reads where the question is chosen. */
  label: string;
  actions?: readonly string[];
  outcomes?: readonly Outcome[];
  codes?: readonly string[];
  /** Milliseconds: recorded later than this after what it tells. */
  late?: number;
}

/** What auditors ask of a trail, by the names under which they ask. */
export const QUESTIONS = {
  'late-recording': { label: 'What reached the trail late?', late: LATE_MS },
  reversals: {
    label: 'Which claims were returned, which commitments reopened or superseded?',
    actions: ['return', 'reopen', 'supersede'],
    outcomes: ['success'],
  },
  closures: { label: 'What was closed without being done?', actions: ['close'], outcomes: ['success'] },
  extensions: {
    label: 'Which due dates were to move, and who decided?',
    actions: ['request-extension', 'decide-extension', 'grant-extension', 'decline-extension'],
  },
  'self-dealing': {
    label: 'Who tried to judge what they had done themselves?',
    codes: ['self-verification', 'self-decision'],
    outcomes: ['refused'],
  },
  'viewed-or-exported': {
    label: 'Who looked at the trail, or took it away?',
    actions: ['read-trail', 'export-trail', 'download-export'],
  },
  'signed-in': { label: 'Who signed in, or failed to?', actions: ['sign-in'] },
  refusals: { label: 'What was refused?', outcomes: ['refused'] },
  failures: { label: 'What failed?', outcomes: ['failed'] },
  findings: { label: 'What did not fit together?', actions: ['integrity-finding'] },
  erasures: {
    label: 'What was erased or redacted, and who decided?',
    actions: ['request-erasure', 'decide-erasure', 'approve-erasure', 'reject-erasure', 'erase'],
  },
  deliveries: {
    label: 'What was told to subscribers?',
    actions: ['deliver', 'resend-delivery', 'verify-endpoint'],
  },
  subscriptions: {
    label: 'Who changed what is told to whom?',
    actions: [
      'create-subscription',
      'change-subscription',
      'delete-subscription',
      'rotate-secret',
      'test-subscription',
      'recover-deliveries',
      'verify-endpoint',
      'disable-subscription',
    ],
  },
  administration: {
    label: 'What did administrators and the system do?',
    actions: ['recalculate', 'manifest'],
  },
} as const satisfies Record<string, Question>;

export type QuestionId = keyof typeof QUESTIONS;

export const QUESTION_IDS = Object.keys(QUESTIONS) as QuestionId[];
