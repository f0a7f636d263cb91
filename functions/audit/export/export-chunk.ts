import type { Learned, Position } from '../../../shared/store/export-job.ts';

/** A stretch of an object: what it adds, and where the object goes on behind it. */
export interface Chunk {
  bytes: Uint8Array;
  /** Rows that are in it. */
  rows: number;
  /** Where a writer that is started anew goes on; null where it can't yet, and has to begin at the chunk before that could. */
  after: Position | null;
  /** How much of the object this is the end of, 0 to 1. */
  progress: number;
  /** What the writer has to be given back when it goes on. */
  kept?: string;
  /** What came out so far, for what is written later. */
  learned?: Learned;
}

/** An object that can be written from any of its positions. The same position gives the same bytes. */
export interface Writing {
  name: string;
  type: string;
  /** Whether whoever asked for the export may fetch it, beside what is made of it. */
  shown: boolean;
  /** The rest of the object from a position on (null: all of it). */
  from(position: Position | null, before: Before): AsyncGenerator<Chunk>;
}

/** What the chunks before a position were. */
export interface Before {
  kept: readonly string[];
  bytes: number;
  learned: Learned;
}

const NOTHING = new Uint8Array();

/** Says how far it is, and writes nothing. */
export const pulse = (after: Position | null, progress: number, learned?: Learned): Chunk => ({
  bytes: NOTHING,
  rows: 0,
  after,
  progress,
  ...(learned && { learned }),
});
