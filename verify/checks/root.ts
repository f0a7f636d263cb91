import type { About } from '../about.ts';
import type { Ledger } from '../ledger.ts';
import type { Leaves, Rebuilt } from '../tree/rebuild.ts';

export const about = {
  name: 'root',
  proves:
    'The entries give exactly the root that was signed: none was changed, removed, inserted or moved since (SHA-256, RFC 6962).',
  cannot: 'What was never taken into the log, and what the entries say: see manifests and records.',
  means: 'At least one entry is not the one that was signed for.',
  todo: 'The tiles name the first place that differs, if they are intact. Compare it with a copy that you kept.',
} as const satisfies About;

export function judgeRoot(
  size: number,
  root: Uint8Array,
  from: Leaves,
  rebuilt: Rebuilt,
  ledger: Ledger,
): void {
  if (rebuilt.stopped) {
    ledger.cannot('root', 'the tree could not be rebuilt to its signed size');
    return;
  }
  const signed = Buffer.from(root).toString('hex');
  const found = rebuilt.roots.get(size);
  if (found !== signed)
    ledger.find('root', `size ${size}`, `the ${from} give the root ${found}, ${signed} was signed`);
  if (from === 'tiles') ledger.note('root', 'Rebuilt out of the lowest tiles, since entries are not there.');
  ledger.done('root', { root: found ?? 'none' });
}
