import { sha256 } from '../../../shared/record/canonical.ts';
import type { EventRecord, Hashed } from '../../../shared/record/event-record.ts';
import type { Discovery } from '../../../shared/trail/of-record.ts';

/**
 * Up to where a stream is recorded: the sequence and the hash of the last record; 0 and null before the first. The hash is undefined
 * behind a hole: nothing can be said about the next link.
 */
export interface Position {
  sequence: number;
  hash: string | null | undefined;
}

export type Step = { record: EventRecord } | { finding: Discovery };

/**
 * Follows the chain of a stream from a position on: each record that proves itself, and each thing that does not fit. `records` are
 * those that stand after the position, in order, and may begin with the one at it.
 */
export function follow(
  stream: string,
  from: Position,
  records: readonly EventRecord[],
): { steps: Step[]; position: Position } {
  const steps: Step[] = [];
  let { sequence, hash } = from;
  const find = (code: Discovery['code'], at: number, more: Partial<Discovery> = {}) =>
    steps.push({ finding: { code, stream, sequence: at, to: at, ...more } });
  for (const record of records) {
    const actual = sha256(record.bytes);
    if (record.sequence <= from.sequence) {
      if (record.sequence === from.sequence && from.hash && actual !== from.hash)
        find('fork', record.sequence, { found: actual, expected: from.hash });
      continue;
    }
    if (record.sequence > sequence + 1) {
      find('gap', sequence + 1, { to: record.sequence - 1 });
      hash = undefined;
    }
    sequence = record.sequence;
    const hashed = prove(record, actual);
    if (!hashed) {
      find('hash-mismatch', sequence, { found: actual, expected: record.hash });
      hash = undefined;
      continue;
    }
    if (hash !== undefined && hashed.previousHash !== hash)
      find('fork', sequence, { found: hashed.previousHash ?? 'none', expected: hash ?? 'none' });
    steps.push({ record });
    hash = record.hash;
  }
  return { steps, position: { sequence, hash } };
}

/** What a record says, if its bytes are those that were hashed and name the place where it stands. */
export function prove(record: EventRecord, actual: string = sha256(record.bytes)): Hashed | null {
  if (actual !== record.hash) return null;
  try {
    const hashed = JSON.parse(record.bytes) as Hashed | null;
    const inPlace = hashed?.stream === record.stream && hashed.sequence === record.sequence;
    return inPlace ? hashed : null;
  } catch {
    return null;
  }
}
