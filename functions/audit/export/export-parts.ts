import { sha256 } from '../../../shared/record/canonical.ts';
import type { ExportPart, OpenObject, Position } from '../../../shared/store/export-job.ts';
import type { ExportObjects } from '../../../shared/store/export-objects.ts';
import type { Chunk } from './export-chunk.ts';

/** S3 takes parts of 5 MiB or more, but for the last, and 10,000 of them: an object of 80 GB. */
const PART = 8 * 1024 * 1024;
/** The local object store takes no larger body. */
const LONGEST_PART = 10 * 1024 * 1024;

export const emptyObject = (name: string, key: string): OpenObject => ({
  name,
  key,
  uploadId: null,
  parts: 0,
  bytes: 0,
  rows: 0,
  position: null,
  learned: {},
  rest: null,
  whole: false,
});

/** What is written of an object and not sent yet. */
export class Pending {
  #chunks: Uint8Array[] = [];
  #kept: string[] = [];
  bytes = 0;
  rows = 0;
  position: Position | null = null;
  learned: OpenObject['learned'] = {};
  /** Whether a writer could go on here. */
  resumable = true;

  /** `rest`: what was left when the last writer paused. */
  constructor(open: OpenObject, rest: { bytes: Uint8Array; kept: readonly string[] } | null) {
    this.position = open.position;
    this.learned = open.learned;
    if (!rest) return;
    this.#push(rest.bytes);
    this.#kept.push(...rest.kept);
  }

  add(chunk: Chunk): void {
    this.#push(chunk.bytes);
    this.rows += chunk.rows;
    this.resumable = chunk.after !== null;
    if (chunk.after) this.position = chunk.after;
    if (chunk.kept !== undefined) this.#kept.push(chunk.kept);
    if (chunk.learned) this.learned = chunk.learned;
  }

  get isFull(): boolean {
    return this.bytes >= PART && this.resumable;
  }

  #push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.bytes += bytes.length;
  }

  /** All of it, with what was kept for the writer; nothing is pending then. */
  take(): { bytes: Uint8Array; kept: string[]; rows: number } {
    const taken = { bytes: Buffer.concat(this.#chunks), kept: this.#kept, rows: this.rows };
    [this.#chunks, this.#kept, this.bytes, this.rows] = [[], [], 0, 0];
    return taken;
  }
}

/** Even cuts: none is shorter than half of the longest that may be. */
function partsOf(bytes: Uint8Array): Uint8Array[] {
  const count = Math.max(1, Math.ceil(bytes.length / LONGEST_PART));
  const each = Math.ceil(bytes.length / count);
  return Array.from({ length: count }, (_, n) => bytes.subarray(n * each, (n + 1) * each));
}

/** Sends what is pending as parts of the object. */
export async function sendParts(
  objects: ExportObjects,
  open: OpenObject,
  pending: Pending,
  type: string,
): Promise<{ open: OpenObject; parts: ExportPart[] }> {
  const uploadId = open.uploadId ?? (await objects.begin(open.key, type));
  const { bytes, kept, rows } = pending.take();
  const sent: ExportPart[] = [];
  for (const [n, part] of partsOf(bytes).entries()) {
    const { etag } = await objects.part(open.key, uploadId, open.parts + n + 1, part);
    sent.push({
      n: open.parts + n + 1,
      etag,
      bytes: part.length,
      sha256: sha256(part),
      kept: n === 0 ? kept : [],
    });
  }
  return {
    open: {
      ...open,
      uploadId,
      parts: open.parts + sent.length,
      bytes: open.bytes + bytes.length,
      rows: open.rows + rows,
      position: pending.position,
      learned: pending.learned,
      rest: null,
    },
    parts: sent,
  };
}
