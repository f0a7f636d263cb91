import type { AuditEntry } from '../../shared/trail/entry.ts';
import type { Glance } from '../../shared/trail/entry-shape.ts';
import type { StreamState } from './stream-states.ts';

const UNKNOWN: StreamState = { sequence: 0, recordHash: null, claimedAt: 0 };

/** An entry at its place in the log, with the exact bytes that stand for it. */
export class Leaf {
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly glance: Glance;
  /** Milliseconds since 1970. */
  readonly claimedAt: number;
  readonly recordedAt: number;
  /** Of its stream. */
  state: StreamState = UNKNOWN;
  #entry: AuditEntry | null;

  constructor(
    index: number,
    bytes: Uint8Array,
    text: string,
    { glance, entry, claimedAt, recordedAt }: Seen & { claimedAt: number; recordedAt: number },
  ) {
    this.index = index;
    this.bytes = bytes;
    this.text = text;
    this.glance = glance;
    this.claimedAt = claimedAt;
    this.recordedAt = recordedAt;
    this.#entry = entry;
  }

  /** Whether it has neither facts nor a finding nor a manifest. */
  get isPlain(): boolean {
    return this.#entry === null;
  }

  /** All of it; taken apart when it is first asked for. */
  get entry(): AuditEntry {
    return this.#entry ?? (JSON.parse(this.text) as AuditEntry);
  }

  /** What a person finds it by. */
  get place(): string {
    return `entry ${this.index}, ${this.glance.stream}/${this.glance.sequence}`;
  }
}

/** An entry that was read: at a glance, or all of it where a glance was not enough. */
export interface Seen {
  glance: Glance;
  entry: AuditEntry | null;
}

/** Something that looks at every entry once, in the order of the log. */
export interface Visitor {
  visit(leaf: Leaf): void;
}
