import { createPrivateKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Signer } from '../../../shared/tlog/signer.ts';
import { keySigner } from '../log-maker.ts';

/** The signing key of the log or of its witness out of the data folder: what nobody can have on AWS, short of the key service itself. */
export function stolenKey(dataDir: string, whose: 'log' | 'witness'): Signer {
  const folder = join(dataDir, 'host', 'keys');
  const file = readdirSync(folder).find((name) => name.toLowerCase().includes(`${whose}signingkey`));
  if (!file) throw new Error(`no key of the ${whose} in ${folder}`);
  return keySigner(createPrivateKey(readFileSync(join(folder, file))));
}
