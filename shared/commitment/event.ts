import type { Due, Precision } from './dates.ts';
import type { Framework, Frequency, Stance } from './schema.ts';
import type { Kind, ReasonCode, Status } from './status.ts';

/** What happened, in the past tense. Types and fields only grow. */
export const EVENT_TYPES = {
  registered: 'followthrough.commitment.registered',
  progressReported: 'followthrough.commitment.progress_reported',
  statusChanged: 'followthrough.commitment.status_changed',
  extensionRequested: 'followthrough.commitment.extension_requested',
  extensionGranted: 'followthrough.commitment.extension_granted',
  extensionDeclined: 'followthrough.commitment.extension_declined',
  evidenceAdded: 'followthrough.commitment.evidence_added',
  responseRegistered: 'followthrough.response.registered',
  rollupRecalculated: 'followthrough.rollup.recalculated',
} as const;

/** The verb of the command that caused an event, as the audit trail names it. */
export type Action =
  | 'register-response'
  | 'register-commitment'
  | 'publish'
  | 'report-progress'
  | 'verify'
  | 'return'
  | 'request-extension'
  | 'grant-extension'
  | 'decline-extension'
  | 'close'
  | 'supersede'
  | 'reopen'
  | 'recalculate';

export interface Citation {
  start: number;
  end: number;
  sha256: string;
}

export interface Amount {
  amount: number;
  currency: string;
  note: string | null;
  /** Minor units reported as secured so far. */
  secured: number;
  /** Amounts with one key cite the same money and count once. */
  sharedKey?: string;
}

export interface Recurrence {
  text: string | null;
  frequency: Frequency | null;
  from: string | null;
}

/** A text is null where it has been redacted. */
export type Text = string | null;

export interface Registered {
  responseId: string;
  reference: string | null;
  title: Text;
  quote: Text;
  source: Citation;
  section: string | null;
  type: string;
  indicators: string[];
  kpis: string[];
  areas: string[];
  unit: string | null;
  kind: Kind;
  status: Status;
  /** The day of the claim, for what the response claims is done: the day of the response. */
  claimedOn: string | null;
  due: Due | null;
  recurrence: Recurrence | null;
  dependsOn: string[];
  systems: string[];
  amounts: Amount[];
  note: Text;
}

export interface ProgressReported {
  narrative: Text;
  progress?: number;
  amountsSecured?: { amount: number; currency: string }[];
  /** `value` is a decimal as text. */
  measurements?: { name: Text; value: string; unit?: Text }[];
  /** Set where one occurrence of a recurring commitment was reported on. */
  occurrence?: { n: number; status: Status; due: string | null };
}

export interface StatusChanged {
  from: Status;
  to: Status;
  reason?: Text;
  reasonCode?: ReasonCode;
  /** The commitment that replaces a superseded one. */
  by?: string;
}

export interface ExtensionRequested {
  n: number;
  due: string;
  precision: Precision;
  reason: Text;
}

export interface ExtensionDecided {
  n: number;
  due: string;
  precision: Precision;
  reason?: Text;
}

export interface EvidenceAdded {
  /** Numbers of the items, contiguous from 1 in their commitment. */
  items: { n: number; title: Text; url: Text; sha256?: string }[];
}

export interface ResponseRegistered {
  organisation: string;
  title: string;
  assessment: string;
  reference: string | null;
  date: string;
  source: { title: string; date: string | null; sha256: string; length: number };
  framework: Framework;
  reportingBodies: string[];
  stances: { indicator: string; stance: Stance }[];
}

/** The totals were rebuilt from the events; `drift` counts what differed and was mended. */
export interface RollupRecalculated {
  commitments: number;
  events: number;
  drift: number;
}

interface DataByType {
  [EVENT_TYPES.registered]: Registered;
  [EVENT_TYPES.progressReported]: ProgressReported;
  [EVENT_TYPES.statusChanged]: StatusChanged;
  [EVENT_TYPES.extensionRequested]: ExtensionRequested;
  [EVENT_TYPES.extensionGranted]: ExtensionDecided;
  [EVENT_TYPES.extensionDeclined]: ExtensionDecided;
  [EVENT_TYPES.evidenceAdded]: EvidenceAdded;
  [EVENT_TYPES.responseRegistered]: ResponseRegistered;
  [EVENT_TYPES.rollupRecalculated]: RollupRecalculated;
}

export type EventType = keyof DataByType;

/** What `decide` answers: what happened, without its place in a stream. */
export type Happened = { [T in EventType]: { type: T; data: DataByType[T] } }[EventType];

/** Who acted: a pseudonym, never a name. */
export interface Actor {
  id: string;
  role: string;
  /** The session of a signed-in person, under a random name. */
  session?: string;
}

/** The place, time and cause of an event in its stream. */
export interface Placed {
  stream: string;
  /** Contiguous from 1 in its stream. */
  sequence: number;
  /** RFC 3339, UTC, milliseconds. */
  time: string;
  actor: Actor;
  action: Action;
  commandId: string;
  /** The request that carried the command. */
  correlation: string;
}

export type Event = Happened & Placed;
export type EventOf<T extends EventType> = Extract<Event, { type: T }>;

/**
 * The free texts of each type: hashed with salt, and kept beside the bytes so that they can be redacted. `*` stands for every item of a list.
 */
export const TEXTS: Record<EventType, readonly string[]> = {
  [EVENT_TYPES.registered]: ['title', 'quote', 'note', 'due.text', 'recurrence.text', 'amounts.*.note'],
  [EVENT_TYPES.progressReported]: ['narrative', 'measurements.*.name', 'measurements.*.unit'],
  [EVENT_TYPES.statusChanged]: ['reason'],
  [EVENT_TYPES.extensionRequested]: ['reason'],
  [EVENT_TYPES.extensionGranted]: ['reason'],
  [EVENT_TYPES.extensionDeclined]: ['reason'],
  // An address may name a person as a title may.
  [EVENT_TYPES.evidenceAdded]: ['items.*.title', 'items.*.url'],
  [EVENT_TYPES.responseRegistered]: [],
  [EVENT_TYPES.rollupRecalculated]: [],
};
