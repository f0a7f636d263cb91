import type { About } from '../about.ts';
import type { Ledger } from '../ledger.ts';
import type { Leaf, Visitor } from '../pass/leaf.ts';

export const about = {
  name: 'findings',
  proves: 'The product itself noticed nothing that does not fit: there is no integrity finding in the log.',
  cannot: 'What it did not notice: that is what all other checks are for.',
  means: 'The product found a gap, a fork or a changed record and wrote it into the trail itself.',
  todo: 'Read the entry: it names the stream, the records and the hashes. It stays in the log for ever, mended or not.',
} as const satisfies About;

export class Findings implements Visitor {
  readonly #ledger: Ledger;
  #entries = 0;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  visit(leaf: Leaf): void {
    this.#entries += 1;
    const { action, stream } = leaf.glance;
    const isOne = action === 'integrity-finding' || stream.startsWith('integrity.');
    if (!isOne && (leaf.isPlain || !leaf.entry.finding)) return;
    const { index, entry } = leaf;
    const { code = 'a finding', target, finding } = entry;
    const hashes = finding?.found
      ? `: found ${finding.found}, expected ${finding.expected ?? 'another'}`
      : '';
    this.#ledger.find(
      'findings',
      `entry ${index}`,
      `${code} in ${target.id}, record ${entry.sequence}${finding && finding.to !== entry.sequence ? ` to ${finding.to}` : ''}${hashes} (noticed ${entry.recordedAt})`,
    );
  }

  end(): void {
    this.#ledger.done('findings', { entries: this.#entries });
  }
}
