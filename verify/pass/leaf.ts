import type { AuditEntry } from '../../shared/trail/entry.ts';

/** An entry at its place in the log, with the exact bytes that stand for it. */
export interface Leaf {
  index: number;
  bytes: Uint8Array;
  text: string;
  entry: AuditEntry;
  /** Milliseconds since 1970. */
  claimedAt: number;
  recordedAt: number;
}

/** Something that looks at every entry once, in the order of the log. */
export interface Visitor {
  visit(leaf: Leaf): void;
}
