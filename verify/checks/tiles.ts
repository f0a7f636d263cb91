import type { About } from '../about.ts';
import type { Ledger } from '../ledger.ts';
import type { Rebuilt } from '../tree/rebuild.ts';

export const about = {
  name: 'tiles',
  proves:
    'Every tile that the signed size asks for is there and holds the hashes that the entries give, byte for byte: proofs made out of them are right.',
  cannot: 'Anything about tiles behind the signed size: they are counted, and not looked at.',
  means:
    'A tile was changed, is missing or has bytes too many. If the root holds, the entries are right and the tile is wrong.',
  todo: 'Fetch the tile again. A tile that is written once and never changed should not be able to differ: ask what happened to the bucket.',
} as const satisfies About;

export function judgeTiles(rebuilt: Rebuilt, ledger: Ledger): void {
  for (const { where, what } of rebuilt.faults) ledger.find('tiles', where, what);
  if (rebuilt.beyond > 0)
    ledger.note('tiles', `${rebuilt.beyond} files belong to a larger log than was signed here.`);
  ledger.done('tiles', { tiles: rebuilt.compared });
}
