import type { Glance } from '../../shared/trail/entry-shape.ts';
import type { About } from '../about.ts';
import type { Ledger } from '../ledger.ts';
import type { Leaf, Visitor } from '../pass/leaf.ts';
import type { StreamState } from '../pass/stream-states.ts';

export const about = {
  name: 'streams',
  proves:
    'The entries of each stream are numbered from 1 without a gap, none is there twice, and each names the hash of the record before it: nothing was taken out of a stream, put into it or moved, before or after it was sequenced.',
  cannot: 'That the last entry of a stream is the last that there is: see manifests and records.',
  means:
    'An entry of the stream never reached the log, reached it twice, or the records of the stream were written anew (a fork).',
  todo: 'Compare the stream with its records. Where the records have what the log lacks, the trail was kept from it.',
} as const satisfies About;

/** Streams of findings may have several about one record, and of records with gaps between. */
const isExempt = (stream: string): boolean => stream.startsWith('integrity.');

/** Follows every stream. */
export class Streams implements Visitor {
  readonly #ledger: Ledger;
  #streams = 0;
  #entries = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  visit(leaf: Leaf): void {
    const { glance, state } = leaf;
    const { sequence, recordHash } = glance;
    if (isExempt(glance.stream)) return;
    this.#entries += 1;
    if (state.sequence === 0) this.#streams += 1;
    const fault = faultOf(glance, state);
    if (fault !== null) this.#ledger.find('streams', leaf.place, fault);
    if (sequence <= state.sequence) return;
    state.sequence = sequence;
    state.recordHash = recordHash;
  }

  end(): void {
    this.#ledger.done('streams', { streams: this.#streams, entries: this.#entries });
  }
}

function faultOf({ sequence, recordHash, previousHash }: Glance, last: StreamState): string | null {
  const before = last.sequence;
  if (sequence <= before) return `is there again or out of order: the stream had come to ${before} already`;
  if (sequence === before + 2) return `entry ${before + 1} of the stream is missing`;
  if (sequence > before + 1) return `entries ${before + 1} to ${sequence - 1} of the stream are missing`;
  const expected = last.recordHash;
  if (recordHash === null) return expected === null ? null : 'is of no record, the one before it is';
  return previousHash === expected
    ? null
    : `follows the record ${previousHash ?? 'nothing'}, the one before it is ${expected ?? 'nothing'}: a fork`;
}
