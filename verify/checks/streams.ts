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

  visit({ index, entry }: Leaf): void {
    const { stream, sequence, recordHash = null, previousHash = null } = entry;
    if (isExempt(stream)) return;
    this.#entries += 1;
    const last = this.#last.get(stream);
    const before = last?.sequence ?? 0;
    const find = (what: string) =>
      this.#ledger.find('streams', `entry ${index}, ${stream}/${sequence}`, what);
    if (sequence <= before) find(`is there again or out of order: the stream had come to ${before} already`);
    else if (sequence > before + 1)
      find(
        sequence === before + 2
          ? `entry ${before + 1} of the stream is missing`
          : `entries ${before + 1} to ${sequence - 1} of the stream are missing`,
      );
    else if (recordHash !== null && previousHash !== (last?.recordHash ?? null))
      find(
        `follows the record ${previousHash ?? 'nothing'}, the one before it is ${last?.recordHash ?? 'nothing'}: a fork`,
      );
    else if (recordHash === null && last && last.recordHash !== null)
      find('is of no record, the one before it is');
    if (sequence <= before) return;
    if (last) {
      last.sequence = sequence;
      last.recordHash = recordHash;
    } else this.#last.set(stream, { sequence, recordHash });
  }

  end(): void {
    this.#ledger.done('streams', { streams: this.#last.size, entries: this.#entries });
  }
}
