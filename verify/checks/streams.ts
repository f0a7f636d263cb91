import type { About } from '../about.ts';
import type { Ledger } from '../ledger.ts';
import type { Leaf, Visitor } from '../pass/leaf.ts';

export const about = {
  name: 'streams',
  proves:
    'The entries of each stream are numbered from 1 without a gap, none is there twice, and each names the hash of the record before it: nothing was taken out of a stream, put into it or moved, before or after it was sequenced.',
  cannot: 'That the last entry of a stream is the last that there is: see manifests and records.',
  means:
    'An entry of the stream never reached the log, reached it twice, or the records of the stream were written anew (a fork).',
  todo: 'Compare the stream with its records. Where the records have what the log lacks, the trail was kept from it.',
} as const satisfies About;

interface Last {
  sequence: number;
  recordHash: string | null;
}

/** Streams of findings may have several about one record, and of records with gaps between. */
const isExempt = (stream: string): boolean => stream.startsWith('integrity.');

/** Follows every stream; its memory grows with their number. */
export class Streams implements Visitor {
  readonly #ledger: Ledger;
  readonly #last = new Map<string, Last>();
  #entries = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  visit(leaf: Leaf): void {
    const { stream, sequence, recordHash, previousHash } = leaf.glance;
    if (isExempt(stream)) return;
    this.#entries += 1;
    const last = this.#last.get(stream);
    const fault = faultOf(sequence, recordHash, previousHash, last);
    if (fault !== null) this.#ledger.find('streams', leaf.place, fault);
    if (!last) this.#last.set(stream, { sequence, recordHash });
    else if (sequence > last.sequence) {
      last.sequence = sequence;
      last.recordHash = recordHash;
    }
  }

  end(): void {
    this.#ledger.done('streams', { streams: this.#last.size, entries: this.#entries });
  }
}

function faultOf(
  sequence: number,
  recordHash: string | null,
  previousHash: string | null,
  last: Last | undefined,
): string | null {
  const before = last?.sequence ?? 0;
  if (sequence <= before) return `is there again or out of order: the stream had come to ${before} already`;
  if (sequence === before + 2) return `entry ${before + 1} of the stream is missing`;
  if (sequence > before + 1) return `entries ${before + 1} to ${sequence - 1} of the stream are missing`;
  const expected = last?.recordHash ?? null;
  if (recordHash === null) return expected === null ? null : 'is of no record, the one before it is';
  return previousHash === expected
    ? null
    : `follows the record ${previousHash ?? 'nothing'}, the one before it is ${expected ?? 'nothing'}: a fork`;
}
