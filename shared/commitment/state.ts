import type { Due, Precision } from './dates.ts';
import type { Amount, Registered, Text } from './event.ts';
import type { ReasonCode, Status } from './status.ts';

/** What the registration fixed: no later event changes it. */
export type Card = Omit<Registered, 'status' | 'claimedOn' | 'due' | 'amounts'> & {
  id: string;
  createdAt: string;
};

/** What changes. Lists that may grow long are items of their own; the head knows their lengths. */
export interface Head {
  status: Status;
  progress: number | null;
  /** The latest report's narrative. */
  narrative: Text;
  due: Due | null;
  originalDue: Due | null;
  amounts: Amount[];
  /** The day of the standing claim of completion; null while nothing is claimed. */
  claimedOn: string | null;
  /** Pseudonyms of all who ever reported on it: none of them may verify it. */
  reporters: string[];
  /** The last update; null until the first. */
  reportedAt: string | null;
  closure: { reasonCode: ReasonCode; reason: Text } | null;
  supersededBy: string | null;
  evidence: number;
  extensions: number;
  occurrences: number;
  /** The sequence of the last event. */
  version: number;
  updatedAt: string;
}

export interface Evidence {
  n: number;
  title: Text;
  url: Text;
  sha256: string | null;
  addedAt: string;
  addedBy: string;
}

export interface Extension {
  n: number;
  due: string;
  precision: Precision;
  reason: Text;
  requestedBy: string;
  requestedAt: string;
  decision: 'granted' | 'declined' | null;
  decidedAt: string | null;
  decidedBy: string | null;
  decisionReason: Text;
}

export interface Occurrence {
  n: number;
  due: string | null;
  status: Status;
  progress: number | null;
  narrative: Text;
  reportedAt: string;
  claimedOn: string | null;
}

/** A commitment as a fold of its events. */
export interface Commitment {
  card: Card;
  head: Head;
  evidence: Evidence[];
  extensions: Extension[];
  occurrences: Occurrence[];
}
