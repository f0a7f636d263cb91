import type { About } from '../about.ts';
import type { Ledger } from '../ledger.ts';
import { bundlesOf } from '../tree/bundles.ts';
import type { Leaves, Rebuilt } from '../tree/rebuild.ts';

export const about = {
  name: 'tree-size',
  proves:
    'As many entries are there as were signed for, each bundle with as many as it has to have and not a byte before, between or after them. The count comes from the signed size, never from a listing.',
  cannot: 'Anything about entries behind the signed size.',
  means: 'Entries are missing, were cut off, or bytes were put behind them.',
  todo: 'Fetch the named bundle again. If it stays so, the log hides what it signed for.',
} as const satisfies About;

export function judgeSize(size: number, from: Leaves, rebuilt: Rebuilt, ledger: Ledger): void {
  const { stopped } = rebuilt;
  if (stopped) {
    const check = from === 'entries' ? 'tree-size' : 'tiles';
    ledger.find(check, stopped.where, stopped.what);
    ledger.note(check, `Nothing behind entry ${rebuilt.size} of ${size} was looked at.`);
  }
  if (from === 'entries')
    ledger.done('tree-size', { entries: rebuilt.size, bundles: bundlesOf(rebuilt.size) });
}
