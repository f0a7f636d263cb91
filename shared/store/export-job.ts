import type { ExportFormat, ManifestFile } from '../trail/export-manifest.ts';
import type { TrailQuery } from '../trail/query.ts';

export type ExportState = 'waiting' | 'writing' | 'done' | 'failed';

/** An export that somebody asked for, and how far it is. */
export interface ExportJob {
  id: string;
  /** The pseudonym of who asked, and the role in which they did. */
  owner: string;
  role: string;
  state: ExportState;
  query: TrailQuery;
  format: ExportFormat;
  /** The size of the log that is asked. */
  checkpoint: number;
  /** Rows that are written, and the rows that there will be; null until that is known. */
  rows: number;
  total: number | null;
  /** 0 to 1. */
  progress: number;
  /** Files that may be fetched. */
  files: StoredFile[];
  /** Why it failed. */
  reason: string | null;
  createdAt: string;
  updatedAt: string;
  /** From then on it is gone. */
  expiresAt: string;
  version: number;
  work: ExportWork;
}

/** How far the writer is: what a next one needs to go on where this one was killed. */
export interface ExportWork {
  /** Objects that are whole, by their names in the order of the plan. */
  finished: FinishedObject[];
  /** The object that is being written. */
  open: OpenObject | null;
  /** Counts how often it began again from the start, and how often it failed since it last got on. */
  attempt: number;
  failures: number;
  /** Who works on it, until when nobody else should. RFC 3339; both empty where nobody does. */
  holder: string;
  heldUntil: string;
}

export interface StoredFile extends ManifestFile {
  /** Of the object in the bucket. No two writers put under one key, unless they go on with one upload. */
  key: string;
}

export interface FinishedObject extends StoredFile {
  rows: number;
  /** What its writer learned, for those who come after. */
  learned: Learned;
}

export interface Learned {
  population?: number;
  firstIndex?: number;
  lastIndex?: number;
  indices?: number[];
  /** Days of which the log has a manifest. */
  days?: string[];
}

export interface OpenObject {
  name: string;
  key: string;
  /** Null until a part had to be sent. */
  uploadId: string | null;
  parts: number;
  bytes: number;
  rows: number;
  /** Where the writer goes on; null at the start. */
  position: Position | null;
  learned: Learned;
  /** Bytes that were written and are too few for a part, in an object of their own. */
  rest: { bytes: number; key: string } | null;
  /** All parts are sent and joined; what is left is to read it again. */
  whole: boolean;
}

export type Position = readonly number[] | readonly string[];

export interface ExportPart {
  n: number;
  etag: string;
  bytes: number;
  sha256: string;
  /** What the writer has to know of this part when it finishes the file. */
  kept: string[];
}
