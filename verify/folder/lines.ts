import { isUtf8 } from 'node:buffer';
import type { Folder } from './folder.ts';

/** The longest line that is read: an item of a table has at most 400 KB, and JSON may write a byte as six. */
export const MAX_LINE_BYTES = 4 << 20;

/** A line without its end, counted from 1; or why it can not be read. */
export type Line = { at: number; text: string } | { at: number; fault: string };

const NEWLINE = 0x0a;

/** The lines of a file, each ended by a newline, the last too; null where there is no such file. */
export function linesOf(folder: Folder, path: string): Iterable<Line> | null {
  const parts = folder.parts(path);
  return parts === null ? null : split(parts);
}

function* split(parts: Iterable<Uint8Array>): Iterable<Line> {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let at = 0;
  for (const part of parts) {
    let from = 0;
    for (;;) {
      const end = part.indexOf(NEWLINE, from);
      const piece = part.subarray(from, end < 0 ? part.length : end);
      waitingBytes += piece.length;
      if (waitingBytes > MAX_LINE_BYTES) {
        yield { at: at + 1, fault: `is longer than ${MAX_LINE_BYTES} bytes` };
        return;
      }
      waiting.push(piece);
      if (end < 0) break;
      at += 1;
      yield decoded(at, waiting);
      waiting = [];
      waitingBytes = 0;
      from = end + 1;
    }
  }
  if (waitingBytes > 0) yield { at: at + 1, fault: 'does not end in a newline' };
}

function decoded(at: number, pieces: readonly Uint8Array[]): Line {
  const bytes = Buffer.concat(pieces);
  return isUtf8(bytes) ? { at, text: bytes.toString() } : { at, fault: 'is not UTF-8' };
}

/** The value of a line of JSON. Nothing may be in it twice or be written in two ways: it has to be what `JSON.stringify` writes. */
export function jsonOf(line: Line): { value: unknown } | { fault: string } {
  if ('fault' in line) return { fault: line.fault };
  try {
    const value = JSON.parse(line.text) as unknown;
    return JSON.stringify(value) === line.text ? { value } : { fault: 'is JSON, and not in its plain form' };
  } catch {
    return { fault: 'is not JSON' };
  }
}
