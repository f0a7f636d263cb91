import type { AuditEntry } from '../../shared/trail/entry.ts';
import { type Place, placeOf } from '../../shared/trail/place.ts';
import type { Leaf, Visitor } from './leaf.ts';

/**
 * Where each entry of each stream is, when it was recorded and of which record: what rows, records and manifests are held against. It
 * takes some 50 bytes for each entry, and is kept only where there is something to hold against it.
 */
export class LogIndex implements Visitor {
  readonly #streams = new Map<string, number[]>();
  /** Entries that do not follow in their stream: findings, and what is wrong. */
  readonly #others = new Map<string, number>();
  readonly #recordHashes = new Growing(32);
  readonly #recordedAt = new Growing(8);
  #leafHashes: Buffer = Buffer.alloc(0);

  visit(leaf: Leaf): void {
    const { index, glance } = leaf;
    this.#recordHashes.at(index).write(glance.recordHash ?? '', 'hex');
    this.#recordedAt.at(index).writeDoubleLE(leaf.recordedAt);
    let places = this.#streams.get(glance.stream);
    if (!places) {
      places = [];
      this.#streams.set(glance.stream, places);
    }
    // What does not follow is a finding of the streams; the first of two that claim one place has it here.
    if (glance.sequence === places.length + 1 && (leaf.isPlain || !leaf.entry.finding)) places.push(index);
    else {
      const place = placeText(placeOf(leaf.entry));
      if (!this.#others.has(place)) this.#others.set(place, index);
    }
  }

  /** The hashes of all leaves, once the tree is rebuilt. */
  setLeafHashes(hashes: Uint8Array): void {
    this.#leafHashes = Buffer.from(hashes.buffer, hashes.byteOffset, hashes.byteLength);
  }

  streams(): IterableIterator<string> {
    return this.#streams.keys();
  }

  has(stream: string): boolean {
    return this.#streams.has(stream);
  }

  /** Where the entry of a place is, one of a finding too. */
  at(entry: AuditEntry): number | undefined {
    const index = entry.finding ? undefined : this.indexOf(entry.stream, entry.sequence);
    return index ?? this.#others.get(placeText(placeOf(entry)));
  }

  /** How many entries a stream has, contiguous from 1. */
  lengthOf(stream: string): number {
    return this.#streams.get(stream)?.length ?? 0;
  }

  indexOf(stream: string, sequence: number): number | undefined {
    return this.#streams.get(stream)?.[sequence - 1];
  }

  leafHash(index: number): Buffer {
    return this.#leafHashes.subarray(index * 32, (index + 1) * 32);
  }

  /** How many entries of a stream are before an index and were recorded before a time. */
  lengthBefore(stream: string, index: number, time: number): number {
    const places = this.#streams.get(stream) ?? [];
    let [low, high] = [0, places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((places[middle] ?? 0) < index) low = middle + 1;
      else high = middle;
    }
    while (low > 0 && this.recordedAt(places[low - 1] ?? 0) >= time) low -= 1;
    return low;
  }

  /** Whether the entries of a stream are of records. */
  isOfRecords(stream: string): boolean {
    const first = this.indexOf(stream, 1);
    return first !== undefined && this.recordHash(first) !== null;
  }

  /** Hexadecimal; null where the entry is of no record. */
  recordHash(index: number): string | null {
    const hash = this.#recordHashes.at(index).toString('hex');
    return /^0+$/.test(hash) ? null : hash;
  }

  recordedAt(index: number): number {
    return this.#recordedAt.at(index).readDoubleLE();
  }
}

const placeText = ({ stream, place }: Place): string => `${stream}\n${place}`;

/** Cells of equal size, zero until they are written; their number grows. */
class Growing {
  readonly #cell: number;
  #bytes = Buffer.alloc(4096);

  constructor(cell: number) {
    this.#cell = cell;
  }

  at(index: number): Buffer {
    const end = (index + 1) * this.#cell;
    if (end > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(end, 2 * this.#bytes.length));
      this.#bytes.copy(larger);
      this.#bytes = larger;
    }
    return this.#bytes.subarray(end - this.#cell, end);
  }
}
